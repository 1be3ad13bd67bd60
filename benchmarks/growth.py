"""How cost grows, in one run: `python benchmarks/growth.py`.

Through the whole pipeline of the shipped bundle: a field with more pixels, a larger field at one scale, more cells in a
field. Through one network: frames in a batch, and classes, each with its Grad-CAM map. Through the stream with its journal,
by a bundle of two `nano` networks: its length, in time and in memory. cost = a * size^b: b is fitted over all turns, with its
interval; 1 is linear, less is better. Beside it b between the two greatest sizes alone.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from growing import fields, graphs
from growing.length import length_in_child
from growing.sweep import Growth, Sweep, measure
from timing.command import arguments, note, run, show
from timing.interval import interval_from
from timing.record import Record
from timing.table import table
from timing.turns import Plan

import leukoscope
from leukoscope.bundle.read import open_bundle
from leukoscope.export.bundle import export_bundle
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings

IN_STREAM = {
    "time a field, last part over second": "last_over_second",
    "memory, last quarter over second": "memory_ratio",
}
NANO = {"xincept_all": "nano", "sg_cldff": "nano"}


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    record = Record("growth", ["torch"])
    found: list[Growth] = []
    with tempfile.TemporaryDirectory(prefix="leukoscope-growth-") as folder:
        for sweep in _sweeps(wanted, Path(folder)):
            note(sweep.name)
            found.append(measure(sweep, Plan(wanted.turns, wanted.calls)))
        note("a long stream")
        length = _length(wanted, Path(folder))
    for one in found:
        record.details[one.name] = one.to_json()
        for size, ms in one.ms.items():
            record.add(f"{one.name}, {size:g}: ms", ms, "ms")
    record.details["length of the stream"] = length
    for what, name in IN_STREAM.items():
        record.add(f"stream: {what}", interval_from(length[name]), "x")
    record.write(wanted.json)
    show(_table(found) + "\n")
    show(_length_words(length))
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--size", default="full", help="of XIncept-ALL with K classes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--sizes", type=int, default=5, help="at most so many a sweep")
    parser.add_argument("--fields", type=int, default=4000, help="length of the stream")
    wanted = parser.parse_args()
    if wanted.short:
        wanted.size, wanted.turns, wanted.calls, wanted.sizes, wanted.fields = "nano", 2, 1, 2, 200
    return wanted


def _sweeps(wanted: argparse.Namespace, folder: Path) -> Iterator[Sweep]:
    shutil.unpack_archive(Path(leukoscope.__file__).parent / "ready" / "bundle.zip", folder / "ready")  # fmt: skip
    pipeline = open_pipeline(open_bundle(folder / "ready"), Settings(threads=wanted.threads))
    yield fields.more_pixels(pipeline, wanted.sizes)
    yield fields.larger_fields(pipeline, wanted.sizes)
    yield fields.more_cells(pipeline, wanted.sizes)
    for name, engine in pipeline.engines.items():
        yield graphs.batches(name, engine.backend, engine.contract.input_px, wanted.sizes)
    yield graphs.classes(wanted.size, wanted.threads, wanted.sizes)


def _length(wanted: argparse.Namespace, folder: Path) -> dict[str, Any]:
    root = export_bundle([], None, folder / "nano", random_weights=NANO, seed=1)
    return length_in_child(root, wanted.fields, wanted.threads)


def _table(found: list[Growth]) -> str:
    rows = []
    for one in found:
        costs = ", ".join(f"{size:g}: {ms.value:.1f}" for size, ms in one.ms.items())
        rows.append([one.name, f"{costs} ms", one.exponent.words(2), one.last_step.words(2)])
    return table(["what grows", "milliseconds at each size", "exponent", "of the last step"], rows)


def _length_words(length: dict[str, Any]) -> str:
    ms = ", ".join(f"{one['value']:.1f}" for one in length["ms_a_field"])
    late, memory, slope = (
        interval_from(length[name])
        for name in ("last_over_second", "memory_ratio", "bytes_a_field")
    )
    first, last = length["resident_mb"]
    return (
        f"A stream of {length['fields']} fields: {ms} ms a field in its parts; the last over the second"
        f" {late.words(2)}. Memory {first:.0f} MB after a quarter, {last:.0f} MB at the end; last quarter"
        f" over second {memory.words(3)}; {slope.words(0)} bytes a field over the second half."
    )


if __name__ == "__main__":
    run(main)
