"""What INT8 buys in ONNX Runtime on this processor, maps in the graph, in one run: `python benchmarks/int8.py BUNDLE`.

Each network's float graph, its INT8 form as the file has it, and the same in the form that the runtime gives ONNX Runtime
(`leukoscope/bundle/int8_form.py`) take turns on rotating painted squares. The variant is the bundle's `int8` where it has
one; else all layers are quantized here by min-max over painted squares, which serves for timing (random weights too), not
for accuracy. Reported: the lower decile of a turn's calls, its median over the turns, and the ratio turn by turn.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from timing.command import arguments, run, show
from timing.interval import interval_of, ratio_of
from timing.record import HIGHER, Record
from timing.table import table
from timing.turns import Plan, Times, Way, of_each_turn, take_turns
from vote_ways.int8_variant import quantized

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.export.frames import painted_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

SEED, SQUARES, FLOAT = 53_000, 6, "fp32"
INT8, AS_IS = "int8", "int8, as the file is"
Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Graphs:
    """One network in float and in INT8."""

    network: str
    title: str
    made_here: bool
    files: dict[str, bytes]
    frames: Frames


def main() -> None:
    """Measures every network of the bundle and prints a table."""
    wanted = _arguments()
    bundle = open_bundle(wanted.bundle)
    record = Record("int8", [])
    rows: list[list[str]] = []
    for name in wanted.network or list(bundle.manifest.networks):
        graphs = _graphs(bundle, name)
        times = take_turns(_ways(graphs, wanted.threads), Plan(wanted.turns, wanted.calls))
        record.details[name] = _details(graphs, wanted)
        rows += _rows(record, graphs, times)
    record.write(wanted.json)
    show(table(["network", "variant", "file, MB", "of fp32", "ms", "times faster than fp32"], rows))
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--network", action="append")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--calls", type=int, default=10)
    wanted = parser.parse_args()
    if wanted.short:
        wanted.turns, wanted.calls = 2, 2
    return wanted


def _graphs(bundle: Bundle, name: str) -> Graphs:
    entry = bundle.network(name)
    frames = painted_frames(name, Contract.from_json(entry.contract), SQUARES, SEED)
    plain, made_here = bundle.graph(name, FLOAT), INT8 not in entry.variants
    int8 = quantized(plain, frames) if made_here else bundle.graph(name, INT8)
    title = f"{name} {entry.size}, {frames.shape[1]} px"
    return Graphs(name, title, made_here, {FLOAT: plain, AS_IS: int8, INT8: int8}, frames)


def _ways(graphs: Graphs, threads: int) -> dict[str, Way]:
    return {
        name: _as_is(data, graphs.frames, threads)
        if name == AS_IS
        else _by_runtime(data, name, graphs.frames, threads)
        for name, data in graphs.files.items()
    }


def _as_is(graph: bytes, frames: Frames, threads: int) -> Way:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry(
        "session.intra_op.allow_spinning", "0"
    )  # as the runtime has it
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda i: session.run(None, {"frames": frames[[i % len(frames)]]})


def _by_runtime(graph: bytes, precision: str, frames: Frames, threads: int) -> Way:
    backend = open_onnxruntime(graph, f"{precision}.onnx", precision, backend=CPU, threads=threads)
    return lambda i: backend.infer(frames[[i % len(frames)]])


def _details(graphs: Graphs, wanted: argparse.Namespace) -> dict[str, object]:
    return {
        "int8_made_here": graphs.made_here,
        "threads": wanted.threads,
        "file_bytes": {name: len(data) for name, data in graphs.files.items()},
    }


def _rows(record: Record, graphs: Graphs, times: Times) -> list[list[str]]:
    turns = {name: of_each_turn(one) for name, one in times.items()}
    rows = []
    for name, one in turns.items():
        ratio, size = ratio_of(turns[FLOAT], one), len(graphs.files[name])
        record.add(f"{graphs.network} {name}: ms", interval_of(one), "ms")
        if name != FLOAT:
            record.add(f"{graphs.network} {name}: times faster", ratio, "x", HIGHER)
        share = size / len(graphs.files[FLOAT])
        rows.append([graphs.title, name, f"{size / 1e6:.1f}", f"{share:.2f}", interval_of(one).words(), ratio.words(2)])  # fmt: skip
    return rows


if __name__ == "__main__":
    run(main)
