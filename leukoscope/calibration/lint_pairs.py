"""Rules that each QuantizeLinear and DequantizeLinear must keep: scales, zero points, and that they come in pairs."""

from collections.abc import Iterator

import numpy as np
import onnx

from leukoscope.calibration.fault import Fault
from leukoscope.calibration.graph_index import GraphIndex
from leukoscope.calibration.reading import first_input, made_by, stored

QUANTIZE, DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"
LINEAR = (QUANTIZE, DEQUANTIZE)


def scale_rule(index: GraphIndex) -> Iterator[Fault]:
    """Scales are stored in the file, positive and finite; that of an activation is a scalar of shape ().

    Of shape [1] TensorRT computes the layer in float and says nothing, while ONNX Runtime runs both alike.
    """
    for node in _linear(index):
        scale = stored(index, node.input[1]) if len(node.input) > 1 else None
        if scale is None:
            yield Fault("scale", node.name, "a scale that is computed", "one stored in the file")
            continue
        numbers = np.asarray(scale, np.float64)
        if scale.dtype not in (np.float32, np.float16):
            yield Fault("scale", node.name, f"a scale in {scale.dtype}", "float32 or float16")
        elif numbers.size == 0 or not (np.isfinite(numbers) & (numbers > 0)).all():
            worst = [x for x in numbers.ravel() if not (np.isfinite(x) and x > 0)]
            found = f"a scale of {worst[0]:g}" if worst else "an empty scale"
            yield Fault("scale", node.name, found, "positive and finite")
        if scale.shape != () and first_input(node) not in index.constants:
            yield Fault("scale shape", node.name, f"{list(scale.shape)}", "a scalar, shape []")


def zero_point_rule(index: GraphIndex) -> Iterator[Fault]:
    """Zero points are int8 and 0. A QuantizeLinear without one means uint8, and TensorRT reads int8 there."""
    for node in _linear(index):
        name = node.input[2] if len(node.input) > 2 else ""
        if not name:
            if node.op_type == QUANTIZE:
                yield Fault("zero point", node.name, "none, which means uint8", "int8 zero")
            continue
        zero, scale = stored(index, name), stored(index, node.input[1])
        if zero is None:
            yield Fault("zero point", node.name, "one that is computed", "int8 zero")
        elif zero.dtype != np.int8 or np.any(zero):
            found = f"{zero.dtype} {zero.ravel()[:1].tolist()}"
            yield Fault("zero point", node.name, found, "int8 zero")
        elif scale is not None and zero.shape != scale.shape:
            found = f"shape {list(zero.shape)} beside a scale of {list(scale.shape)}"
            yield Fault("zero point", node.name, found, "the scale's shape")


def pair_rule(index: GraphIndex) -> Iterator[Fault]:
    """What is quantized is dequantized at once, with the same scale; int8 goes nowhere else."""
    for node in _linear(index):
        if node.op_type == QUANTIZE:
            yield from _quantized(index, node)
        else:
            yield from _dequantized(index, node)


def constant_rule(index: GraphIndex) -> Iterator[Fault]:
    """An int8 constant is read by DequantizeLinear alone: "Quantized constant is only allowed before DQ"."""
    for name, tensor in index.constants.items():
        if tensor.data_type != onnx.TensorProto.INT8:
            continue
        for node in index.readers(name):
            if not _reads_as_codes(node, name):
                found = f"{node.op_type} reads the int8 constant {name}"
                yield Fault("int8 constant", node.name, found, "DequantizeLinear only")


def _linear(index: GraphIndex) -> Iterator[onnx.NodeProto]:
    return (node for node in index.graph.node if node.op_type in LINEAR)


def _quantized(index: GraphIndex, node: onnx.NodeProto) -> Iterator[Fault]:
    readers = index.readers(node.output[0])
    others = [reader.op_type for reader in readers if reader.op_type != DEQUANTIZE]
    if others or not readers or node.output[0] in index.outputs:
        found = f"{others[0] if others else 'nothing' if not readers else 'an output'} reads int8"
        yield Fault("pair", node.name, found, "DequantizeLinear, and nothing else")


def _dequantized(index: GraphIndex, node: onnx.NodeProto) -> Iterator[Fault]:
    source = made_by(index, first_input(node), QUANTIZE)
    if source is None:
        if first_input(node) not in index.constants:
            found = "it reads neither QuantizeLinear nor a constant"
            yield Fault("pair", node.name, found, "QuantizeLinear or int8 weights before it")
        return
    mine, theirs = (stored(index, n.input[1]) if len(n.input) > 1 else None for n in (node, source))
    if mine is not None and theirs is not None and not np.array_equal(mine, theirs):
        found = f"scale {mine.ravel()[:1].tolist()} after {theirs.ravel()[:1].tolist()}"
        yield Fault("pair", node.name, found, "the scale of its QuantizeLinear")


def _reads_as_codes(node: onnx.NodeProto, name: str) -> bool:
    """As the codes or the zero point of a DequantizeLinear, or the zero point of a QuantizeLinear."""
    places = [index for index, given in enumerate(node.input) if given == name]
    allowed = {DEQUANTIZE: {0, 2}, QUANTIZE: {2}}.get(node.op_type, set())
    return set(places) <= allowed
