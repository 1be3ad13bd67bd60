"""Weights of an INT8 graph that are multiplied in float: stored as float32, as they would be made of bytes at every call.

A convolution behind which no quantizer stands gives float, and ONNX Runtime computes it in float: it turns its int8 weights
into float32 at each call, and cannot lay them out beforehand, as they are no constant to it. The product is the same one.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.onnx_fields import FLOAT32, INT8, GraphFields
from leukoscope.bundle.onnx_writing import constant


def weights_of_float_layers(data: bytes, name: str) -> bytes:
    """The model with such weights as float32 constants. InputError if the wire format is unsound."""
    graph = GraphFields(data, name)
    nodes: dict[int, list[bytes]] = {}
    constants: dict[str, bytes | None] = {}
    added: list[bytes] = []
    for place in _pairs(graph):
        made = _floats(graph, place)
        if made is not None:
            nodes[place], constants[graph.nodes[place].inputs[0]] = [], None
            added.append(constant(graph.nodes[place].outputs[0], made))
    return graph.changed(nodes, constants, added) if nodes else data


def _pairs(graph: GraphFields) -> Iterator[int]:
    """The DequantizeLinear nodes of weights that such convolutions alone read, one each."""
    for layer in graph.nodes:
        if layer.operator != "Conv" or len(layer.inputs) < 2 or _is_quantized(graph, layer.outputs):
            continue
        place = graph.makers.get(layer.inputs[1])
        if place is None or graph.reader(layer.inputs[1]) is None:
            continue
        pair = graph.nodes[place]
        read_once = pair.inputs and graph.reader(pair.inputs[0]) == place
        if pair.operator == "DequantizeLinear" and len(pair.inputs) >= 2 and read_once:
            yield place


def _is_quantized(graph: GraphFields, names: tuple[str, ...]) -> bool:
    readers = (graph.nodes[place] for name in names for place in graph.readers.get(name, ()))
    return any(reader.operator == "QuantizeLinear" for reader in readers)


def _floats(graph: GraphFields, place: int) -> NDArray[np.float32] | None:
    """As DequantizeLinear makes them: the integer as float32, times the scale of its output channel."""
    weights, scale, *zero = (*graph.nodes[place].inputs, "")
    values, steps = graph.array(weights, INT8), graph.array(scale, FLOAT32)
    if values is None or steps is None or values.ndim != 4 or steps.shape != values.shape[:1]:
        return None
    if graph.attributes(place).get("axis") != (0,) or not _is_nought(graph, zero[0]):
        return None
    with np.errstate(over="ignore"):  # as DequantizeLinear, which does not ask
        floats: NDArray[np.float32] = values.astype(np.float32) * steps[:, None, None, None]
    return floats


def _is_nought(graph: GraphFields, zero: str) -> bool:
    found = graph.array(zero, INT8)
    return not zero or (found is not None and not found.any())
