# ruff: noqa: T201
"""What INT8 buys in ONNX Runtime on this processor, maps in the graph, in one run: `python benchmarks/int8.py BUNDLE`.

Each network's float graph, its INT8 form as the file has it, and the same in the form that the runtime gives ONNX Runtime
(`leukoscope/bundle/int8_form.py`) take turns on rotating painted squares. The variant is the bundle's `int8` where it has
one; else all layers are quantized here by min-max over painted squares, which serves for timing (random weights too), not
for accuracy. Reported: the lower decile of a turn's calls, its median over the turns, and the ratio turn by turn.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from leukoscope.bundle.int8_form import fast_int8_form
from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import observe, ranges_by
from leukoscope.export.frames import painted_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.cpu import instruction_set

SEED, SQUARES, FLOAT = 53_000, 6, "fp32"
Frames = NDArray[np.uint8]


def main() -> None:
    """Measures every network of the bundle and prints a table."""
    wanted = _arguments()
    bundle = open_bundle(wanted.bundle)
    names = wanted.network or list(bundle.manifest.networks)
    report = {
        "schema": 1,
        "instruction_set": instruction_set(),
        "onnxruntime": onnxruntime.__version__,
        "threads": wanted.threads,
        "networks": {name: _measure(bundle, name, wanted) for name in names},
    }
    print(json.dumps(report, indent=1) if wanted.json else _table(report))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--network", action="append")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(bundle: Bundle, name: str, wanted: argparse.Namespace) -> dict[str, Any]:
    frames = painted_frames(name, Contract.from_json(bundle.network(name).contract), SQUARES, SEED)
    graphs = {FLOAT: bundle.graph(name, FLOAT)}
    made = "int8" not in bundle.network(name).variants
    graphs["int8, as the file is"] = (
        _quantized(graphs[FLOAT], frames) if made else bundle.graph(name, "int8")
    )
    graphs["int8"] = fast_int8_form(graphs["int8, as the file is"], name)
    times = _times({k: _session(v, wanted.threads) for k, v in graphs.items()}, frames, wanted)
    return {
        "int8_made_here": made,
        "size": bundle.network(name).size,
        "input_px": frames.shape[1],
        "file_bytes": {k: len(v) for k, v in graphs.items()},
        "ms": {k: _spread(v) for k, v in times.items()},
        "times_faster": {
            k: _spread([a / b for a, b in zip(times[FLOAT], v, strict=True)])
            for k, v in times.items()
        },
    }


def _quantized(graph: bytes, frames: Frames) -> bytes:
    model = onnx.load_model_from_string(graph)
    layers = find_layers(model)
    observed = observe(model, place(index_graph(model.graph), layers).tensors, frames)
    data: bytes = quantize(model, layers, ranges_by("min-max", observed)).SerializeToString()
    return data


def _session(graph: bytes, threads: int) -> Callable[[Frames], Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda frames: session.run(None, {"frames": frames})


def _times(
    ways: dict[str, Callable[[Frames], Any]], frames: Frames, wanted: argparse.Namespace
) -> dict[str, list[float]]:
    """Milliseconds by way: of each turn the lower decile of its calls."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(-1, wanted.turns):
        for name, call in ways.items():
            calls = [_timed(call, frames[[i % len(frames)]]) for i in range(wanted.calls)]
            if turn >= 0:
                found[name].append(float(np.percentile(calls, 10)))
    return found


def _timed(call: Callable[[Frames], Any], frames: Frames) -> float:
    start = time.perf_counter_ns()
    call(frames)
    return (time.perf_counter_ns() - start) / 1e6


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "least": min(values), "greatest": max(values)}


def _table(report: dict[str, Any]) -> str:
    head = "| network | variant | file, MB | of fp32 | ms | times faster than fp32 |"
    lines = [head, "|---|---|---|---|---|---|"]
    for name, found in report["networks"].items():
        for way, ms in found["ms"].items():
            size, ratio = found["file_bytes"][way], found["times_faster"][way]
            lines.append(
                f"| {name} {found['size']}, {found['input_px']} px | {way} | {size / 1e6:.1f} | "
                f"{size / found['file_bytes'][FLOAT]:.2f} | {ms['median']:.1f} | "
                f"{ratio['median']:.2f} ({ratio['least']:.2f} to {ratio['greatest']:.2f}) |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
