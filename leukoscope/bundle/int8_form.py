"""The form of an INT8 graph that ONNX Runtime's kernels on a CPU are fast for, made from the one that TensorRT wants.

    the file, for TensorRT             what ONNX Runtime gets
    conv -> relu -> Q(int8, 0)         conv -> Q(uint8, 128) -> clip(128)
              Q(int8, 0) -> DQ                  Q(uint8, 128) -> DQ

Both steps are exact, and so is what follows them (`int8_pools`, `int8_weights`, `int8_channels`). int8 about 0 and uint8 about 128 are one grid. Rounding to it keeps the order of values, so a
rectifier may as well come behind it. ONNX Runtime computes a convolution in integers only where Q follows it at once,
and multiplies uint8 by int8 several times faster than int8 by int8; without VNNI (x86) or dot product (Arm) its uint8
kernel may saturate, so there the file is taken as it is.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from leukoscope.bundle.int8_channels import whole_blocks_of_channels
from leukoscope.bundle.int8_pools import pools_as_convolutions
from leukoscope.bundle.int8_weights import weights_of_float_layers
from leukoscope.bundle.onnx_fields import (
    FLOAT32,
    INT8,
    GraphFields,
    Node,
    byte_constant,
    plain_node,
    scalar,
)
from leukoscope.bundle.onnx_wire import TENSOR_DIMS

SHIFT, GREATEST = 128, 255
QUANTIZE, DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"


@dataclass(frozen=True)
class _Swap:
    """A rectifier that goes behind the QuantizeLinear that follows it; places in the list of nodes."""

    rectifier: int
    quantizer: int
    greatest: int
    """On the grid of uint8: 255, or where the rectifier's upper bound falls."""


def fast_int8_form(data: bytes, name: str) -> bytes:
    """The model's bytes in the form above; the same bytes where it does not apply.

    It applies to graphs whose activations share one int8 zero point 0. InputError if the wire format is unsound.
    """
    graph = GraphFields(data, name)
    zero = _zero_point(graph)
    if zero is None:
        return data
    swaps = list(_swaps(graph))
    nodes = {at: [made] for swap in swaps for at, made in _exchanged(graph.nodes, swap)}
    bounds = sorted({SHIFT, *(swap.greatest for swap in swaps)} if swaps else ())
    added = [byte_constant(_bound(bound), bound) for bound in bounds]
    shifted = graph.changed(nodes, {zero: byte_constant(zero, SHIFT)}, added)
    for form in (pools_as_convolutions, weights_of_float_layers, whole_blocks_of_channels):
        shifted = form(shifted, name)
    return shifted


def _zero_point(graph: GraphFields) -> str | None:
    """The one zero point of all QuantizeLinear nodes, if it is an int8 0 that only pairs read."""
    quantizers = [node for node in graph.nodes if node.operator == QUANTIZE]
    names = {node.inputs[2] if len(node.inputs) == 3 else "" for node in quantizers}
    name = names.pop() if len(names) == 1 else ""
    tensor = graph.constants.get(name)
    if tensor is None or scalar(tensor, INT8) != 0 or TENSOR_DIMS in tensor:
        return None
    quantized = {node.outputs[0] for node in quantizers}
    free = not graph.outputs & quantized and _bound(SHIFT) not in graph.constants
    return name if free and all(_pairs_up(node, name, quantized) for node in graph.nodes) else None


def _pairs_up(node: Node, zero: str, quantized: set[str]) -> bool:
    """Whether what a QuantizeLinear gives goes to a DequantizeLinear of the same zero point, and nowhere else."""
    if node.operator == QUANTIZE:
        return not quantized.intersection(node.inputs)
    if node.operator == DEQUANTIZE and node.inputs:
        return (node.inputs[0] in quantized) == (node.inputs[2:] == (zero,))
    return zero not in node.inputs and not quantized.intersection(node.inputs)


def _swaps(graph: GraphFields) -> Iterator[_Swap]:
    place = {name: at for at, node in enumerate(graph.nodes) for name in node.outputs}
    read = Counter(name for node in graph.nodes for name in node.inputs)
    for at, node in enumerate(graph.nodes):
        before = place.get(node.inputs[0]) if node.operator == QUANTIZE else None
        if before is None or graph.nodes[before].operator not in ("Relu", "Clip"):
            continue
        rectifier = graph.nodes[before]
        if not rectifier.inputs:
            continue
        layer = place.get(rectifier.inputs[0])
        between = (rectifier.inputs[0], node.inputs[0])
        alone = all(read[name] == 1 and name not in graph.outputs for name in between)
        greatest = _greatest(graph, rectifier, node.inputs[1])
        if layer is not None and graph.nodes[layer].operator == "Conv" and alone and greatest:
            yield _Swap(before, at, greatest)


def _greatest(graph: GraphFields, rectifier: Node, scale: str) -> int | None:
    """Where the rectifier's upper bound lies on the grid; None where its bounds are not constants, 0 and above."""
    if rectifier.operator == "Relu":
        return GREATEST
    bounds = [scalar(graph.constants.get(name), FLOAT32) for name in rectifier.inputs[1:]]
    step = scalar(graph.constants.get(scale), FLOAT32)
    if len(bounds) != 2 or bounds[0] != 0 or not bounds[1] or not step:
        return None
    if not (bounds[1] > 0 and step > 0):
        return None
    # The quotient in float32 and to even, as QuantizeLinear rounds.
    return min(GREATEST, SHIFT + round(float(np.float32(bounds[1]) / np.float32(step))))


def _exchanged(nodes: list[Node], swap: _Swap) -> Iterator[tuple[int, bytes]]:
    rectifier, quantizer = nodes[swap.rectifier], nodes[swap.quantizer]
    between = f"{quantizer.outputs[0]}.unclipped"
    inputs = (rectifier.inputs[0], *quantizer.inputs[1:])
    yield swap.rectifier, plain_node(QUANTIZE, inputs, between)
    bounds = (between, _bound(SHIFT), _bound(swap.greatest))
    yield swap.quantizer, plain_node("Clip", bounds, quantizer.outputs[0])


def _bound(value: int) -> str:
    return f"uint8_{value}"
