"""Rules that layers must keep around their Q/DQ pairs, and which nodes are never quantized."""

from collections.abc import Iterator

import numpy as np
import onnx

from leukoscope.calibration.fault import Fault
from leukoscope.calibration.graph_index import GraphIndex, left_alone
from leukoscope.calibration.lint_pairs import DEQUANTIZE, LINEAR
from leukoscope.calibration.reading import MOVES, first_input, integer, made_by, stored

"""What the names of nodes begin with that are never quantized; the last are the layers of the saliency prior."""
LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
BIAS_STEPS = 2.0**31 - 1
BOTH = "DequantizeLinear on its data and its weights, or on neither"
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
    """A bias stays a float constant, for TensorRT has no DequantizeLinear of int32, and fits into 32 bits of steps.

    ONNX Runtime stores it so, in steps of the data's scale times the channel's; a channel of tiny weights overflows.
    """
    for layer in _layers(index):
        bias = layer.input[2] if len(layer.input) > 2 else ""
        if made_by(index, bias, *LINEAR) is not None:
            yield Fault("bias", layer.name, "a bias behind DequantizeLinear", "a float bias")
        elif (steps := _bias_steps(index, layer, bias)) > BIAS_STEPS:
            found = f"a bias of {steps:.1e} steps"
            yield Fault("bias range", layer.name, found, "scales that keep it below 2^31 steps")


def layer_rule(index: GraphIndex) -> Iterator[Fault]:
    """A quantized layer has a DequantizeLinear on its data and on its weights, a float layer on neither.

    With one alone TensorRT runs it in float, whereas ONNX Runtime quantizes the weights of a layer that stands between
    two pairs by itself, with one scale for all of them.
    """
    for layer in _layers(index):
        data, weights = (made_by(index, name, DEQUANTIZE) for name in layer.input[:2])
        if data is None and weights is not None and not _is_for_others(index, weights):
            yield Fault("half a layer", layer.name, "only its weights dequantized", BOTH)
        elif data is not None and weights is None and layer.input[1] in index.constants:
            yield Fault("half a layer", layer.name, "only its data dequantized", BOTH)


def branch_rule(index: GraphIndex) -> Iterator[Fault]:
    """Nothing is quantized inside of the maps' branch and of the saliency prior, nor just before them."""
    for node in index.graph.node:
        if not left_alone(node):
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


def _is_for_others(index: GraphIndex, weights: onnx.NodeProto) -> bool:
    """Whether a quantized layer reads these weights too."""
    readers = index.readers(weights.output[0])
    return any(
        reader.op_type in LAYERS and made_by(index, first_input(reader), DEQUANTIZE) is not None
        for reader in readers
    )


def _bias_steps(index: GraphIndex, layer: onnx.NodeProto, bias: str) -> float:
    """The greatest bias of a quantized layer in steps of its accumulator; 0 where that is not known."""
    values = stored(index, bias)
    scales = [
        stored(index, node.input[1])
        for node in (made_by(index, name, DEQUANTIZE) for name in layer.input[:2])
        if node is not None and len(node.input) > 1
    ]
    if values is None or len(scales) != 2 or any(scale is None for scale in scales):
        return 0.0
    data, weights = (np.asarray(scale, np.float64).ravel() for scale in scales)
    if data.size != 1 or weights.size not in (1, values.size) or not (weights * data > 0).all():
        return 0.0
    return float(np.max(np.abs(values.astype(np.float64).ravel()) / (weights * data), initial=0.0))


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
