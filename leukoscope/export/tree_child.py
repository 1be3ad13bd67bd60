"""Starting the child process that reads XGBoost models, and reading what it leaves, within limits of time and memory."""

import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError, MachineError
from leukoscope.export import treelite_child

MODEL_LIMIT_BYTES = 256 << 20
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Limits:
    """What the child may take: wall-clock time and address space."""

    time_s: float = 120.0
    memory_bytes: int = 6 << 30


def read_layout(model: Path, limits: Limits) -> Arrays:
    """The model's nodes and facts, as treelite_child.layout writes them."""
    return _run("layout", model, {}, limits)


def read_margins(
    model: Path, rows: NDArray[np.float32], limits: Limits, temperature: float = 1.0
) -> Arrays:
    """XGBoost's own `margins` [n, K] for the rows [n, F], and `values`, its probabilities at the temperature."""
    return _run("margins", model, {"x": rows, "temperature": np.float32(temperature)}, limits)


def _run(command: str, model: Path, given: Arrays, limits: Limits) -> Arrays:
    """One run of the child in a folder of its own. InputError if it refuses, crashes or hangs."""
    _check_model(model)
    with tempfile.TemporaryDirectory(prefix="leukoscope-trees-") as folder:
        source, out = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(source, **given)  # type: ignore[arg-type]
        paths = [model.resolve(), *([source] if given else []), out]
        _call(command, model, paths, limits)
        return _load(out, model)


def _check_model(model: Path) -> None:
    try:
        size = model.stat().st_size
    except OSError as error:
        raise InputError(f"{model} cannot be read: {error.strerror}") from None
    if not model.is_file() or size > MODEL_LIMIT_BYTES:
        found = f"{model} has {size} bytes"
        raise InputError(found, wanted=f"an XGBoost JSON file of at most {MODEL_LIMIT_BYTES}")


def _call(command: str, model: Path, paths: list[Path], limits: Limits) -> None:
    bounds = f"{limits.memory_bytes}:{int(limits.time_s) + 1}"
    line = [sys.executable, "-I", treelite_child.__file__, bounds, command, *map(str, paths)]
    # One thread: every further one takes address space, and the order of additions must be XGBoost's plain one.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            line, env=environment, capture_output=True, timeout=limits.time_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{model} kept its reader busy for {limits.time_s:g} s") from None
    if done.returncode != 0:
        raise _fault(model, done.returncode, done.stderr.decode("utf-8", "replace"))


def _fault(model: Path, code: int, stderr: str) -> InputError | MachineError:
    last = (stderr.strip().splitlines() or [""])[-1][:300]
    if code == 3:
        return InputError(f"{model}: {last}")
    if "ModuleNotFoundError" in last:
        return MachineError(last, next_step="pip install 'leukoscope[workstation]'")
    how = f"crashed it (signal {-code})" if code < 0 else f"failed it ({last})"
    return InputError(f"{model} is no sound XGBoost model: reading {how}")


def _load(out: Path, model: Path) -> Arrays:
    try:
        with np.load(out, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        raise InputError(f"{model} is no sound XGBoost model: its reader left nothing") from None
