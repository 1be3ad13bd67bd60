"""A small network with the names that the exporter gives, in float and between quantizers."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE, BLOCK = 16, "trunk.stage"


def float_graph():
    """frames -> input -> two convolutions, a pool, a product -> probabilities and cams."""
    nodes = [
        helper.make_node("Cast", ["frames"], ["cast"], "Cast", to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["cast"], ["planes"], "Transpose", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", f"{BLOCK}.0.conv.weight"], ["a"], f"{BLOCK}.0.conv/Conv", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"], f"{BLOCK}.0.relu/Relu"),
        helper.make_node("MaxPool", ["b"], ["c"], f"{BLOCK}.1/MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node(
            "Conv", ["c", f"{BLOCK}.2.depthwise.weight"], ["d"], f"{BLOCK}.2.depthwise/Conv", group=8, pads=[1] * 4
        ),
        helper.make_node("ReduceMean", ["d", "axes"], ["e"], "ReduceMean", keepdims=0),
        helper.make_node("MatMul", ["e", "head.weight.T"], ["logits"], "head/MatMul"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "Softmax"),
        helper.make_node("Relu", ["d"], ["cams"], "gradcam/Relu"),
    ]  # fmt: skip
    return _model(nodes, _weights())


def paired_graph():
    """The first convolution between Q/DQ pairs, as `calibrate` writes them; what follows stays in float."""
    quantize = ["scale", "zero"]
    nodes = [
        helper.make_node("Cast", ["frames"], ["cast"], "Cast", to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["cast"], ["planes"], "Transpose", perm=[0, 3, 1, 2]),
        helper.make_node("QuantizeLinear", ["planes", *quantize], ["planes.quantized"], "planes/QuantizeLinear"),
        helper.make_node(
            "DequantizeLinear", ["planes.quantized", *quantize], ["planes.dequantized"], "planes/DequantizeLinear"
        ),
        helper.make_node(
            "DequantizeLinear", [f"{BLOCK}.0.conv.weight.int8", f"{BLOCK}.0.conv.weight.scale"],
            [f"{BLOCK}.0.conv.weight.dequantized"], f"{BLOCK}.0.conv.weight/DequantizeLinear", axis=0,
        ),
        helper.make_node(
            "Conv", ["planes.dequantized", f"{BLOCK}.0.conv.weight.dequantized"], ["a"], f"{BLOCK}.0.conv/Conv",
            pads=[1] * 4,
        ),
        helper.make_node("Relu", ["a"], ["b"], f"{BLOCK}.0.relu/Relu"),
        helper.make_node("QuantizeLinear", ["b", *quantize], ["b.quantized"], "b/QuantizeLinear"),
        helper.make_node("DequantizeLinear", ["b.quantized", *quantize], ["b.dequantized"], "b/DequantizeLinear"),
        helper.make_node("ReduceMean", ["b.dequantized", "axes"], ["e"], "ReduceMean", keepdims=0),
        helper.make_node("MatMul", ["e", "head.weight.T"], ["logits"], "head/MatMul"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "Softmax"),
        helper.make_node("Relu", ["b.dequantized"], ["cams"], "gradcam/Relu"),
    ]  # fmt: skip
    rng = np.random.default_rng(1)
    weights = {
        **_weights(),
        f"{BLOCK}.0.conv.weight.int8": rng.integers(-127, 127, (8, 3, 3, 3), np.int8),
        f"{BLOCK}.0.conv.weight.scale": np.full(8, 0.01, np.float32),
        "scale": np.float32(0.5),
        "zero": np.int8(0),
    }
    del weights[f"{BLOCK}.0.conv.weight"], weights[f"{BLOCK}.2.depthwise.weight"]
    return _model(nodes, weights)


def frames(count=2):
    return np.random.default_rng(3).integers(0, 255, (count, SIDE, SIDE, 3), np.uint8)


def _weights():
    rng = np.random.default_rng(0)
    return {
        f"{BLOCK}.0.conv.weight": rng.standard_normal((8, 3, 3, 3)).astype(np.float32),
        f"{BLOCK}.2.depthwise.weight": rng.standard_normal((8, 1, 3, 3)).astype(np.float32),
        "head.weight.T": rng.standard_normal((8, 4)).astype(np.float32),
        "axes": np.array([2, 3], np.int64),
    }


def _model(nodes, weights):
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["B", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("probabilities", "cams")
        ],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
