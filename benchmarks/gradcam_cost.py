"""What Grad-CAM inside the graph costs: the graph with maps against the same graph without, on ONNX Runtime's CPU or OpenVINO.

    python benchmarks/gradcam_cost.py [--network xincept_all] [--size full] [--turns 25] [--calls 6] [--threads 2]

Random weights, batch 1, painted frames rotated; float32, and INT8 as the runtime gives it to ONNX Runtime (made here by
min-max: for timing). The four graphs take turns; of a turn the lower decile of a graph's calls counts, and the ratio is
taken turn by turn.
"""

import argparse
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from timing.command import arguments, run, show
from timing.interval import interval_of, ratio_of
from timing.record import Record
from timing.table import table
from timing.turns import Plan, Times, Way, of_each_turn, take_turns
from vote_ways.int8_variant import quantized

from leukoscope.export.frames import painted_frames
from leukoscope.export.graph import onnx_graph
from leukoscope.export.sources import with_random_weights
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.backends.openvino import OPENVINO, open_openvino

SEED, FRAMES, FRAMES_SEED = 1, 6, 53_000
PRECISIONS = ("fp32", "int8")
Frames = NDArray[np.uint8]


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    record = Record("gradcam_cost", ["torch", "openvino"])
    source = with_random_weights(wanted.network, wanted.size, SEED)
    frames = painted_frames(wanted.network, source.contract, FRAMES, FRAMES_SEED)
    graphs = {maps: onnx_graph(source.network, maps=maps).SerializeToString() for maps in (True, False)}  # fmt: skip
    ways = dict(_ways(graphs, frames, wanted))
    record.begin()
    times = take_turns(ways, Plan(wanted.turns, wanted.calls))
    record.details["case"] = {k: getattr(wanted, k) for k in ("network", "size", "backend", "threads", "turns", "calls")}  # fmt: skip
    rows = [_row(record, precision, times) for precision in PRECISIONS]
    record.write(wanted.json)
    show(table(["precision", "without maps, ms", "with maps, ms", "with / without"], rows))
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--network", default="xincept_all")
    parser.add_argument("--size", default="full")
    parser.add_argument("--backend", choices=[CPU, OPENVINO], default=CPU)
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--calls", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    wanted = parser.parse_args()
    if wanted.short:
        wanted.size, wanted.turns, wanted.calls = "nano", 2, 2
    return wanted


def _ways(
    graphs: dict[bool, bytes], frames: Frames, wanted: argparse.Namespace
) -> Iterator[tuple[str, Way]]:
    """By precision and whether the graph has maps."""
    for maps, graph in graphs.items():
        forms = {"fp32": graph, "int8": quantized(graph, frames)}
        for precision, form in forms.items():
            backend = _open(form, precision, wanted)
            yield _name(precision, maps), _way(backend, frames)


def _open(graph: bytes, precision: str, wanted: argparse.Namespace) -> Backend:
    if wanted.backend == OPENVINO:
        return open_openvino(graph, f"{precision}.onnx", precision, threads=wanted.threads)
    return open_onnxruntime(
        graph, f"{precision}.onnx", precision, backend=CPU, threads=wanted.threads
    )


def _way(backend: Backend, frames: Frames) -> Way:
    return lambda index: backend.infer(frames[[index % len(frames)]])


def _row(record: Record, precision: str, times: Times) -> list[str]:
    mine, plain = (of_each_turn(times[_name(precision, maps)]) for maps in (True, False))
    ratio = ratio_of(mine, plain)
    record.add(f"{precision}: with / without maps", ratio, "x")
    record.add(f"{precision}: without maps", interval_of(plain), "ms")
    return [precision, interval_of(plain).words(), interval_of(mine).words(), ratio.words(3)]


def _name(precision: str, maps: bool) -> str:
    return f"{precision} {'with' if maps else 'without'} maps"


if __name__ == "__main__":
    run(main)
