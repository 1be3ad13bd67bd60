"""Rules that layers must keep around their Q/DQ pairs, and which nodes are never quantized."""

from collections.abc import Iterator

import numpy as np
import onnx

from leukoscope.calibration.fault import Fault
from leukoscope.calibration.graph_index import BRANCHES_LEFT_ALONE, GraphIndex
from leukoscope.calibration.lint_pairs import DEQUANTIZE, LINEAR, QUANTIZE
from leukoscope.calibration.reading import MOVES, first_input, integer, made_by, stored

FLOAT_BRANCHES = (*BRANCHES_LEFT_ALONE, "saliency.")
"""What the names of nodes begin with that are never quantized; the last are the layers of the saliency prior."""
LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
BEHIND_LAYERS = ("AveragePool", "Clip", "DequantizeLinear", "MaxPool", "QuantizeLinear", "Relu")
BOTH = "DequantizeLinear on its data and on its weights"
CONFIDENCES = ("Softmax", "Sigmoid")
PASSES = MOVES | {"Cast", "Resize"}
SCALES_BY = ("Add", "Div", "Mul", "Sub")


def weight_rule(index: GraphIndex) -> Iterator[Fault]:
    """Weights are int8 with one scale for each output channel: axis 0 of Conv and of Gemm with transB.

    Along another axis TensorRT computes the layer in float and says nothing. One scale for all it takes, but the
    layer loses more than it must: our choice.
    """
    for layer in _layers(index):
        node = made_by(index, layer.input[1], DEQUANTIZE)
        codes = None if node is None else stored(index, first_input(node))
        if node is None or codes is None or len(node.input) < 2:
            continue
        scale = stored(index, node.input[1])
        axis = integer(node, "axis", 1) % max(codes.ndim, 1)
        wanted = _output_axis(layer, codes.ndim)
        if codes.dtype != np.int8:
            yield Fault("weights", node.name, f"weights in {codes.dtype}", "int8")
        elif scale is not None and (scale.shape != codes.shape[wanted:][:1] or axis != wanted):
            found = f"scales {list(scale.shape)} on axis {axis} of {list(codes.shape)}"
            yield Fault("weights", node.name, found, f"one for each of axis {wanted}")


def bias_rule(index: GraphIndex) -> Iterator[Fault]:
    """A bias stays a float constant: TensorRT has no DequantizeLinear of int32."""
    for layer in _layers(index):
        bias = layer.input[2] if len(layer.input) > 2 else ""
        if made_by(index, bias, *LINEAR) is not None:
            yield Fault("bias", layer.name, "a bias behind DequantizeLinear", "a float bias")


def layer_rule(index: GraphIndex) -> Iterator[Fault]:
    """A quantized layer has a DequantizeLinear on its data and on its weights; with one alone it runs in float.

    A layer in float may read what was quantized for another layer's sake, of the one before it or of one beside it.
    """
    for layer in _layers(index):
        data, weights = (made_by(index, name, DEQUANTIZE) for name in layer.input[:2])
        if data is None and weights is not None and not _is_for_others(index, weights):
            yield Fault("half a layer", layer.name, "only its weights dequantized", BOTH)
        elif weights is None and data is not None and not _is_for_others(index, data):
            yield Fault("half a layer", layer.name, "only its data dequantized", BOTH)


def branch_rule(index: GraphIndex) -> Iterator[Fault]:
    """Nothing is quantized inside of the maps' branch and of the saliency prior, nor just before them."""
    for node in index.graph.node:
        if not node.name.startswith(FLOAT_BRANCHES):
            continue
        if node.op_type in LINEAR:
            yield Fault("float branch", node.name, f"{node.op_type} in it", "float only")
        elif any(made_by(index, name, DEQUANTIZE) is not None for name in node.input):
            yield Fault("float branch", node.name, "it reads what was quantized", "the float value")


def confidence_rule(index: GraphIndex) -> Iterator[Fault]:
    """What Softmax and Sigmoid read was not quantized on the way to them: confidences would come in steps."""
    for node in index.graph.node:
        if node.op_type in CONFIDENCES and _was_quantized(index, first_input(node)):
            yield Fault("confidence", node.name, f"{node.op_type} of what was quantized", "float")


def output_rule(index: GraphIndex) -> Iterator[Fault]:
    """An output leaves as the layer computed it, not in int8's steps."""
    for name in sorted(index.outputs):
        if _was_quantized(index, name):
            yield Fault("output", name, "quantized before it leaves", "float")


def _layers(index: GraphIndex) -> Iterator[onnx.NodeProto]:
    return (node for node in index.graph.node if node.op_type in LAYERS and len(node.input) > 1)


def _output_axis(layer: onnx.NodeProto, sides: int) -> int:
    """The axis of a layer's weights that counts its output channels."""
    if layer.op_type == "MatMul":
        return sides - 1
    if layer.op_type == "ConvTranspose":
        return 1
    return 1 if layer.op_type == "Gemm" and not integer(layer, "transB", 0) else 0


def _is_for_others(index: GraphIndex, dequantize: onnx.NodeProto) -> bool:
    """Whether a quantized layer, a pool or a join reads this too, or a quantized layer made what was quantized."""
    for reader in index.readers(dequantize.output[0]):
        if reader.op_type not in LAYERS or _is_quantized(index, reader):
            return True
    maker, seen = made_by(index, first_input(dequantize), QUANTIZE), set()
    while maker is not None and maker.op_type in BEHIND_LAYERS and maker.output[0] not in seen:
        seen.add(maker.output[0])
        maker = index.producers.get(first_input(maker))
    return maker is not None and maker.op_type in LAYERS and _is_quantized(index, maker)


def _is_quantized(index: GraphIndex, layer: onnx.NodeProto) -> bool:
    return all(made_by(index, name, DEQUANTIZE) is not None for name in layer.input[:2])


def _was_quantized(index: GraphIndex, name: str) -> bool:
    """Follows a value back through what only moves, resizes, or shifts and scales it by a constant."""
    waiting, seen = [name], set()
    while waiting:
        node = index.producers.get(waiting.pop())
        if node is None or node.output[0] in seen:
            continue
        seen.add(node.output[0])
        if node.op_type == DEQUANTIZE:
            return True
        constants = [given for given in node.input if given in index.constants]
        if node.op_type in PASSES or (node.op_type in SCALES_BY and constants):
            waiting += [given for given in node.input if given not in index.constants]
    return False
