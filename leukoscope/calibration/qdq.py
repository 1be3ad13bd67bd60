"""INT8 as explicit Q/DQ: the float graph, rewritten.

Activations: symmetric, one scale a tensor, zero point 0. Weights: symmetric, one scale an output channel, stored as int8. So TensorRT
wants it; ONNX Runtime's fast kernels want uint8, which is the same grid moved by 128 (`bundle/int8_form.py`).
"""

from collections.abc import Collection, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from leukoscope.calibration.graph_index import GraphIndex, index_graph
from leukoscope.calibration.layers import Layer
from leukoscope.calibration.placement import Placement, place, takes_pair

ZERO_POINT = "int8_zero"
GREATEST = 127
"""-128 is not used, so that a weight and its negative are equally exact."""
LEAST_RANGE = 1e-6
BIAS_STEPS = 2**30
"""A bias is at most so many steps: half of what int32 holds."""


def quantize(
    model: onnx.ModelProto, layers: Collection[Layer], ranges: Mapping[str, float]
) -> onnx.ModelProto:
    """A copy of the float `model` with these layers in INT8.

    `ranges` gives the greatest absolute value that INT8 holds, by tensor; every tensor of the placement must be in it
    (KeyError).
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    index = index_graph(graph)
    placement = place(index, layers)
    nodes, constants = _rewritten(graph, placement), _scales(placement, ranges)
    for weight in dict.fromkeys(layer.weight for layer in layers):
        readers = [layer for layer in layers if layer.weight == weight]
        least = np.maximum.reduce([_least_scale(index, one, placement, ranges) for one in readers])
        constants += _weight_constants(index, weight, least)
    del graph.node[:]
    graph.node.extend(nodes)
    _replace_constants(graph, constants)
    return copy


def quantized_weights(
    weights: NDArray[np.float32], least: NDArray[np.float64] | float = 0.0
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """[O, ...] -> int8 of the same shape and the scale [O] of each output channel, at least `least`.

    A channel of zeros has a tiny scale.
    """
    greatest = np.abs(weights).reshape(len(weights), -1).max(axis=1)
    scales = np.maximum(np.maximum(greatest, LEAST_RANGE) / GREATEST, least).astype(np.float32)
    steps = np.rint(weights / scales.reshape(-1, *[1] * (weights.ndim - 1)))
    return np.clip(steps, -GREATEST, GREATEST).astype(np.int8), scales


def activation_scale(greatest: float) -> float:
    """The scale of a tensor whose absolute values reach `greatest`."""
    return max(greatest, LEAST_RANGE) / GREATEST


def _rewritten(graph: onnx.GraphProto, placement: Placement) -> list[onnx.NodeProto]:
    int8 = {layer.name for layer in placement.layers}
    paired = set(placement.tensors)
    nodes: list[onnx.NodeProto] = []
    weights: set[str] = set()
    for node in graph.node:
        if node.name in int8:
            if node.input[1] not in weights:
                nodes.append(_weight_node(node.input[1]))
            weights.add(node.input[1])
            node.input[1] = f"{node.input[1]}.dequantized"
        for place_in_node, name in enumerate(node.input):
            if takes_pair(node, name, placement, int8):
                node.input[place_in_node] = f"{name}.dequantized"
        nodes.append(node)
        nodes += [one for name in node.output if name in paired for one in _pair(name)]
    return nodes


def _pair(tensor: str) -> list[onnx.NodeProto]:
    quantized, scale = f"{tensor}.quantized", f"{tensor}.scale"
    return [
        helper.make_node(
            "QuantizeLinear", [tensor, scale, ZERO_POINT], [quantized], f"{tensor}/QuantizeLinear"
        ),
        helper.make_node(
            "DequantizeLinear",
            [quantized, scale, ZERO_POINT],
            [f"{tensor}.dequantized"],
            f"{tensor}/DequantizeLinear",
        ),
    ]


def _weight_node(weight: str) -> onnx.NodeProto:
    return helper.make_node(
        "DequantizeLinear",
        [f"{weight}.int8", f"{weight}.scale"],
        [f"{weight}.dequantized"],
        f"{weight}/DequantizeLinear",
        axis=0,
    )


def _scales(placement: Placement, ranges: Mapping[str, float]) -> list[onnx.TensorProto]:
    """Scalars of shape (): TensorRT silently computes in float where they are [1]."""
    scales = [
        numpy_helper.from_array(
            np.array(activation_scale(ranges[placement.range_of(name)]), np.float32),
            f"{name}.scale",
        )
        for name in placement.tensors
    ]
    return [numpy_helper.from_array(np.array(0, np.int8), ZERO_POINT), *scales]


def _weight_constants(
    index: GraphIndex, weight: str, least: NDArray[np.float64]
) -> list[onnx.TensorProto]:
    weights = numpy_helper.to_array(index.constants[weight])
    steps, scales = quantized_weights(weights, least)
    return [
        numpy_helper.from_array(steps, f"{weight}.int8"),
        numpy_helper.from_array(scales, f"{weight}.scale"),
    ]


def _least_scale(
    index: GraphIndex, layer: Layer, placement: Placement, ranges: Mapping[str, float]
) -> NDArray[np.float64]:
    """Scales [O] below which the bias would not fit into 32 bits.

    Engines add it as an int32 in steps of both scales. Where weights are nearly nought beside their bias, coarser ones
    change nothing that could be seen.
    """
    node = next(node for node in index.graph.node if node.name == layer.name)
    if len(node.input) < 3:
        return np.zeros(index.constants[layer.weight].dims[0])
    bias = numpy_helper.to_array(index.constants[node.input[2]]).astype(np.float64)
    data = activation_scale(ranges[placement.range_of(layer.data)])
    least: NDArray[np.float64] = np.abs(bias) / (data * BIAS_STEPS)
    return least


def _replace_constants(graph: onnx.GraphProto, added: list[onnx.TensorProto]) -> None:
    """Float weights that nobody reads any more go."""
    read = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in read]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *added])
