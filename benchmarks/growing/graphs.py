"""Sweeps over one network's graph: frames in a batch, crops of a field, classes and so maps."""

import numpy as np
from timing.turns import Way

from growing.sweep import Sweep
from leukoscope.export.graph import onnx_graph
from leukoscope.models.sizes import build_network
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

BATCHES = (1, 2, 4, 8, 16)
CLASSES = (2, 4, 8, 16, 32)
SEED = 7


def batches(network: str, backend: Backend, side_px: int, sizes: int) -> Sweep:
    """Frames in one call."""
    return Sweep(
        f"frames in a batch, {network}",
        "frames",
        {count: _way(backend, count, side_px) for count in BATCHES[:sizes]},
    )


def classes(size: str, threads: int, sizes: int) -> Sweep:
    """XIncept-ALL with random weights and K classes: K probabilities and K maps of one frame."""
    ways: dict[float, Way] = {}
    for count in CLASSES[:sizes]:
        names = tuple(f"class {number}" for number in range(count))
        network = build_network("xincept_all", size, classes=names).eval()
        graph = onnx_graph(network).SerializeToString()
        backend = open_onnxruntime(graph, "k.onnx", "fp32", backend=CPU, threads=threads)
        ways[count] = _way(backend, 1, network.input_px)
    return Sweep(f"classes, each with its map, {size}", "classes", ways)


def _way(backend: Backend, count: int, side_px: int) -> Way:
    random = np.random.default_rng(SEED)
    frames = random.integers(0, 256, (2 * count, side_px, side_px, 3), np.uint8)
    return lambda index: backend.infer(frames[index % 2 * count :][:count])
