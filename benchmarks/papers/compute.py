"""Trains and measures one cell, and says on what machine and in what time."""

import platform
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

from benchmarks.network_cost import cost, count_parameters
from benchmarks.papers import mask_cell, stage_cell
from benchmarks.papers.budget import Budget, digest_of, settings_of
from benchmarks.papers.cells import Cell
from benchmarks.papers.designs import build
from benchmarks.papers.shelf import Shelf
from benchmarks.papers.variants import WHOLE, variant
from leukoscope.models.network import Network
from leukoscope.progress import Progress
from leukoscope.runtime.cpu import CPUINFO, instruction_set
from leukoscope.training.loop import Task, fit
from leukoscope.training.resume import SavedRun


def compute(
    cell: Cell, budget: Budget, shelf: Shelf, threads: int, progress: Progress
) -> dict[str, Any]:
    """The cell's result, ready to be stored."""
    settings = settings_of(cell, budget)
    data_digest = shelf.digest(cell)
    parts = shelf.parts(cell)
    began, spent = time.monotonic(), time.process_time()
    chosen = variant(cell.network, cell.variant)
    network = build(cell, budget)
    cost_found = cost_of(cell, budget)
    if cell.task == "masks":
        task: Task = mask_cell.task(parts, chosen, budget)
    else:
        task = stage_cell.task(parts, chosen, budget)
    views = task.steps(budget.batch) * budget.batch * budget.rounds
    trained = _trained(network, task, cell, budget, threads, progress)
    trained_s = time.monotonic() - began
    if cell.task == "masks":
        figures = mask_cell.figures(trained, parts, budget)
    else:
        figures = stage_cell.figures(trained, parts, budget, cell.seed, floor=chosen is WHOLE)
    return {
        "cell": cell.name,
        "settings_sha256": digest_of(settings),
        "data_sha256": data_digest,
        "settings": settings,
        "figures": figures,
        "images": {part: len(members) for part, members in parts.items()},
        "views": views,
        **cost_found,
        "train_s": round(trained_s, 1),
        "wall_s": round(time.monotonic() - began, 1),
        "processor_s": round(time.process_time() - spent, 1),
        "threads": threads,
        "machine": machine(),
        "torch": torch.__version__,
        "made_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": f"python -m benchmarks.papers --only '{cell.name}'",
    }


def cost_of(cell: Cell, budget: Budget) -> dict[str, float]:
    """Parameters, and GFLOP (a multiplication and an addition are two operations) for one image."""
    with torch.device("meta"):
        network = build(cell, budget)
    giga, _ = cost(network)
    return {"parameters": count_parameters(network), "gflop": round(giga, 3)}


def machine(cpuinfo: Path = CPUINFO) -> str:
    """The processor's name and widest integer instructions, and Python's version."""
    name = platform.machine()
    try:
        lines = cpuinfo.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{name} ({instruction_set()}), Python {version}"


def _trained(
    network: Network, task: Task, cell: Cell, budget: Budget, threads: int, progress: Progress
) -> Network:
    """The averaged network. The state that the loop saves after each round goes with the folder: cells are not resumed."""
    with tempfile.TemporaryDirectory() as folder:
        saved = SavedRun(Path(folder) / "state", cell.name, resume=False)
        trained, _ = fit(network, task, budget.recipe(cell.seed, threads), saved, progress)
    return trained
