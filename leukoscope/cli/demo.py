"""`leukoscope demo`: every verb once, on what the package ships and on painted fields."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

import leukoscope
from leukoscope.cli.console import RESEARCH_USE, print_line, progress, say
from leukoscope.errors import InputError

READY = Path(leukoscope.__file__).parent / "ready"
WORKSTATION = ("torch", "onnx", "onnxscript", "xgboost", "treelite", "safetensors")
SEED = 2_000
"""Painted fields of the demo; the shipped networks were trained on fields of other seeds."""


@dataclass(frozen=True)
class Step:
    """One command of the demo, as a user would type it after `leukoscope`."""

    heading: str
    words: tuple[str, ...]
    quiet: bool = False


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(
        "leukoscope-demo"
    ),
    fields: Annotated[int, typer.Option(min=4, help="Painted fields to run.")] = 40,
) -> None:
    """Do all of it on what the package ships: train a taste, export, inspect, validate, run."""
    started = time.monotonic()
    _clear(output)
    source = f"synthetic://?fields={fields}&seed={SEED}"
    missing = [name for name in WORKSTATION if find_spec(name) is None]
    _paint(output)
    shutil.unpack_archive(READY / "checkpoints.zip", output / "checkpoints")
    for step in _steps(output, source, workstation=not missing):
        _do(step)
        if step.words[0] == "doctor" and missing:
            say(f"-- skipped: train and export, which need {', '.join(missing)}")
            say("   to run them: pip install 'leukoscope[workstation]'")
            shutil.unpack_archive(READY / "bundle.zip", output / "bundle")
    _print_score(output / "run" / "fields.jsonl", source)
    print_line(f"\nDone in {time.monotonic() - started:.0f} s. {RESEARCH_USE}")
    print_line(f"Pictures: {output / 'run' / 'overlays'}    bundle: {output / 'bundle'}")


def _clear(output: Path) -> None:
    """Makes an empty folder; takes away what an earlier demo left, and nothing else."""
    mark = output / ".leukoscope-demo"
    if output.exists() and not mark.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(
            f"{output} is there already and is not a demo's",
            wanted="a new folder or an earlier demo's",
            next_step="leukoscope demo -o ANOTHER-FOLDER",
        )
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    mark.touch()


def _paint(output: Path) -> None:
    from leukoscope.images.painter.folders import write_class_set, write_mask_set

    say("\n== painting smear fields and cells with their truth")
    with progress() as bars:
        write_class_set(output / "data" / "fields", 10, SEED, progress=bars)
        write_mask_set(output / "data" / "cells", 40, SEED, progress=bars)


def _steps(output: Path, source: str, *, workstation: bool) -> Iterator[Step]:
    fields, cells = str(output / "data" / "fields"), str(output / "data" / "cells")
    bundle, run = str(output / "bundle"), output / "run"
    yield Step("what this machine can do", ("doctor",))
    if workstation:
        yield from _training(output / "taste", fields, cells)
        yield Step("export of the shipped networks, with proof of parity", _export(bundle))
    yield Step("the bundle in words", ("inspect", bundle))
    yield Step("figures of XIncept-ALL on painted fields", ("validate", bundle, "--data", fields))
    yield Step("figures of SG-CLDFF on painted cells", ("validate", bundle, "--data", cells))
    sinks = ("--overlays", str(run / "overlays"), "--jsonl", str(run / "fields.jsonl"))
    files = ("--save-masks", str(run / "masks"), "--save-maps", str(run / "maps"))
    yield Step("a run over new painted fields", ("run", bundle, source, *sinks, *files))


def _training(taste: Path, fields: str, cells: str) -> Iterator[Step]:
    """A few seconds each, to see that training works here; the result is worth nothing."""
    small = ("--size", "nano", "--input-px", "96", "--epochs", "1", "--batch", "8")
    fusion, masks = str(taste / "xincept_all.safetensors"), str(taste / "sg_cldff.safetensors")
    yield Step(
        "a taste of training, XIncept-ALL",
        ("train", "fusion", "--data", fields, *small, "-o", fusion),
    )
    yield Step(
        "a taste of training, the boosted trees",
        ("train", "trees", "--from", fusion, "--data", fields, "-o", str(taste / "trees.json")),
    )
    yield Step(
        "a taste of training, SG-CLDFF",
        ("train", "segmentation", "--data", cells, *small, "-o", masks),
    )


def _export(bundle: str) -> tuple[str, ...]:
    weights = Path(bundle).with_name("checkpoints")
    networks = (str(weights / "xincept_all.safetensors"), str(weights / "sg_cldff.safetensors"))
    return ("export", *networks, "--trees", str(weights / "trees.json"), "-o", bundle)


def _do(step: Step) -> None:
    """Runs one command in a process of its own; its failure ends the demo with its exit code."""
    say(f"\n== {step.heading}\n$ leukoscope {shlex.join(step.words)}")
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "leukoscope", *step.words], check=False)
    if done.returncode:
        say(f"leukoscope: the demo stopped at `leukoscope {step.words[0]}`")
        raise typer.Exit(done.returncode)
    say(f"-- {time.monotonic() - started:.1f} s")


def _print_score(jsonl: Path, source: str) -> None:
    from leukoscope.runtime.metrics.synthetic import score_file
    from leukoscope.runtime.sources.synthetic import SyntheticSource
    from leukoscope.runtime.sources.uri import parse_synthetic

    request = parse_synthetic(source)
    painter = SyntheticSource(source, request.stage, request.fields, request.seed)
    got = score_file(jsonl, painter)
    print_line(f"\nSYNTHETIC: {got.fields} painted fields, {got.cells} white cells ({source})")
    print_line(f"  cell F1         {got.cell_f1:.3f}  boxes at IoU 0.5")
    print_line(
        f"                  precision {got.cell_precision:.3f}, recall {got.cell_recall:.3f}"
    )
    print_line(f"  stage accuracy  {got.stage_accuracy:.3f}")
    print_line(
        "  Painted fields say that the chain works, not how well it reads real smears: docs/train.md has those figures."
    )
