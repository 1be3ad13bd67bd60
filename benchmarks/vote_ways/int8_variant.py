"""An INT8 form for timing: every convolution, by min-max over a few frames. No accuracy is claimed for it."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.calibration.candidate import variant_file, with_variant
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import observe, ranges_by
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

PRECISION = "int8"


def quantized(graph: bytes, frames: NDArray[np.uint8]) -> bytes:
    """The float graph with Q/DQ pairs; `frames` [N, S, S, 3] give the ranges."""
    model = onnx.load_model_from_string(graph)
    layers = find_layers(model)
    observed = observe(model, place(index_graph(model.graph), layers).tensors, frames)
    data: bytes = quantize(model, layers, ranges_by("min-max", observed)).SerializeToString()
    return data


def add_int8(root: Path, bundle: Bundle, network: str, frames: NDArray[np.uint8]) -> Bundle:
    """The bundle with such a variant, never judged by the gate, and its golden outputs."""
    graph = quantized(bundle.graph(network, "fp32"), frames)
    name = variant_file(network, PRECISION)
    entry, arrays = bundle.manifest.golden, bundle.golden()
    files = {name: graph}
    if entry is not None and arrays is not None:
        backend = open_onnxruntime(graph, name, PRECISION, backend=CPU)
        outputs = backend.infer(arrays[f"{network}/frames"])
        new = {f"{network}/{PRECISION}/{key}": np.asarray(a) for key, a in outputs.items()}
        files[entry.file] = golden_bytes({**arrays, **new})
    return extend_bundle(root, lambda one: with_variant(one, network, PRECISION), files)
