"""Scales of Q/DQ nodes in half precision, and the int8 weights that go with them.

A scale that is rounded moves the grid, by 0.05 % at most where half has its full precision, and the weights' codes are
moved with it. Below 2^-14 half has fewer bits and below 2^-24 none: the scale of a channel of weights is at least 2^-17,
where rounding it costs no more than rounding to int8 does. No weight moves by more than half of its step.
"""

from collections.abc import Collection

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.lint_pairs import LINEAR
from leukoscope.calibration.reading import integer, stored

LEAST_SCALE = 2.0**-17
GREATEST_CODE = 127


def round_scales(graph: onnx.GraphProto, float_nodes: Collection[str]) -> None:
    """In place: every scale becomes one that half holds, still stored as float32, and the codes of weights follow.

    Not those of the nodes whose first output is in `float_nodes`.
    """
    index = index_graph(graph)
    rounded: dict[str, NDArray[np.float32]] = {}
    for node in graph.node:
        scales = stored(index, node.input[1]) if node.op_type in LINEAR else None
        if scales is None or scales.dtype != np.float32 or node.output[0] in float_nodes:
            continue
        old = scales.astype(np.float32)
        rounded[node.input[1]] = half_scales(old)
        codes = stored(index, node.input[0])
        if codes is not None and codes.dtype == np.int8:
            moved = moved_codes(codes.astype(np.int8), old, half_scales(old), _axis(node, codes))
            _replace(index.constants[node.input[0]], moved)
    for name, values in rounded.items():
        _replace(index.constants[name], values)


def half_scales(scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positive scales -> the nearest that half holds, at least 2^-17."""
    held = np.maximum(scales, np.float32(LEAST_SCALE)).astype(np.float16)
    return np.asarray(held, np.float32)


def moved_codes(
    codes: NDArray[np.int8], old: NDArray[np.float32], new: NDArray[np.float32], axis: int
) -> NDArray[np.int8]:
    """The int8 codes that mean the same values on another grid: one scale for each index of `axis`, or one for all."""
    sides = [1] * codes.ndim
    sides[axis] = -1
    ratio = (old.astype(np.float64) / new).reshape(sides)
    return np.clip(np.rint(codes * ratio), -GREATEST_CODE, GREATEST_CODE).astype(np.int8)


def _axis(node: onnx.NodeProto, codes: NDArray[np.generic]) -> int:
    return integer(node, "axis", 1) % codes.ndim


def _replace(tensor: onnx.TensorProto, values: NDArray[np.generic]) -> None:
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
