"""How far outputs lie from the golden ones when nothing, little or something is wrong: what the tolerances rest on.

    python benchmarks/golden_tolerances.py BUNDLE

BUNDLE needs golden frames. fp16, int8 and int8_fp16 are made here, with min-max ranges of four painted frames. Printed is, for each network and variant, the greatest difference of one value as a share of the output's greatest: over all outputs
(most), and in the output that shows it least (least).
"""

import argparse
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.half import to_half
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import observe, ranges_by
from leukoscope.cli.console import print_line
from leukoscope.export.frames import painted_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.onnxruntime import HALF_BREAKERS

Outputs = Mapping[str, NDArray[np.float32]]
PAINTED, SEED = 4, 77


def main() -> None:
    """Prints one line a network, variant and change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("bundle", type=Path)
    bundle = open_bundle(parser.parse_args().bundle)
    for network in bundle.manifest.networks:
        for precision, graph in variants(bundle, network):
            frames = (bundle.golden() or {})[f"{network}/frames"]
            golden = run(graph, frames, disabled=HALF_BREAKERS.get(precision, ()))
            for what, outputs in others(graph, frames):
                shares = [difference(golden[name], outputs[name]) for name in golden]
                print_line(
                    f"{network} {precision} {what}: most {max(shares):.4f}, least {min(shares):.4f}"
                )


def variants(bundle: Bundle, network: str) -> Iterator[tuple[str, bytes]]:
    """The float graph, and the others made of it."""
    model = onnx.load_model_from_string(bundle.graph(network, "fp32"))
    contract = Contract.from_json(bundle.network(network).contract)
    layers = find_layers(model)
    tensors = place(index_graph(model.graph), layers).tensors
    frames = painted_frames(network, contract, PAINTED, SEED)
    int8 = quantize(model, layers, ranges_by("min-max", observe(model, tensors, frames)))
    made = {"fp32": model, "fp16": to_half(model), "int8": int8, "int8_fp16": to_half(int8)}
    for precision, one in made.items():
        yield precision, one.SerializeToString()


def others(graph: bytes, frames: NDArray[np.uint8]) -> Iterator[tuple[str, Outputs]]:
    """Outputs that may differ a little, and outputs that are wrong."""
    yield "without optimizations", run(graph, frames, optimized=False)
    noise = np.random.default_rng(0).integers(-1, 2, frames.shape)
    yield "up to one grey level", run(graph, np.clip(frames + noise, 0, 255).astype(np.uint8))
    yield "red and blue exchanged", run(graph, np.ascontiguousarray(frames[..., ::-1]))
    yield "frames exchanged", run(graph, np.ascontiguousarray(frames[::-1]))


def run(
    graph: bytes,
    frames: NDArray[np.uint8],
    *,
    optimized: bool = True,
    disabled: Collection[str] = ("WeightBiasQuantization",),
) -> Outputs:
    """The graph's outputs by name, computed on the CPU."""
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if optimized else levels.ORT_DISABLE_ALL
    )
    # See docs/half.md: what is disabled by default is wrong for half scales.
    session = onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=list(disabled),
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"frames": frames}), strict=True))


def difference(golden: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Greatest difference of one value, of the golden output's greatest."""
    return float(np.abs(golden - other).max() / np.abs(golden).max())


if __name__ == "__main__":
    main()
