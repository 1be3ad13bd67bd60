"""Small INT8 graphs, a node at a time, and their outputs as ONNX Runtime computes them without changing anything."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 9


class Graph:
    """`x` [1, channels, 9, 9] goes in; what the methods return are names of tensors."""

    def __init__(self, channels=3, seed=1):
        self.channels, self.random = channels, np.random.default_rng(seed)
        self.nodes, self.constants = [], {"zero": np.array(128, np.uint8)}

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def scalar(self, value):
        name = f"{value}"
        self.constants[name] = np.array(value, np.float32)
        return name

    def steps(self, name, scale=0.05):
        """Behind a pair of QuantizeLinear and DequantizeLinear."""
        scale = self.scalar(scale)
        self.node("QuantizeLinear", [name, scale, "zero"], f"{name}.q")
        return self.node("DequantizeLinear", [f"{name}.q", scale, "zero"], f"{name}.d")

    def conv(self, source, output, shape, group=1, bias=True, **attributes):
        """With int8 weights, a scale a channel."""
        self.constants[f"{output}.w"] = self.random.integers(-127, 128, shape).astype(np.int8)
        self.constants[f"{output}.ws"] = self.random.uniform(0.001, 0.01, shape[0]).astype("f4")
        self.constants[f"{output}.b"] = self.random.normal(0, 1, shape[0]).astype("f4")
        weights = self.node(
            "DequantizeLinear", [f"{output}.w", f"{output}.ws"], f"{output}.wd", axis=0
        )
        inputs = [source, weights, *([f"{output}.b"] if bias else [])]
        pads = {"pads": [shape[2] // 2, shape[3] // 2] * 2, **attributes}
        return self.node("Conv", inputs, output, group=group, **pads)

    def bytes(self, *outputs):
        ports = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", "c", "h", "w"])
            for n in outputs
        ]
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, self.channels, SIDE, SIDE])
        tensors = [numpy_helper.from_array(array, n) for n, array in self.constants.items()]
        made = helper.make_graph(self.nodes, "g", [x], ports, tensors)
        opset = helper.make_opsetid("", 18)
        return helper.make_model(made, opset_imports=[opset], ir_version=10).SerializeToString()


def values(seed, channels=3):
    return np.random.default_rng(seed).normal(0, 3, (1, channels, SIDE, SIDE)).astype(np.float32)


def run(data, x, *, optimised=False):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if not optimised:
        level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})


def same(data, changed, x):
    """Asserts that every output is the same bit for bit, and that the changed model is sound."""
    onnx.checker.check_model(onnx.load_from_string(changed), full_check=True)
    for one, other in zip(run(data, x), run(changed, x), strict=True):
        np.testing.assert_array_equal(one, other)


def operators(data):
    return [node.op_type for node in onnx.load_from_string(data).graph.node]


def constants(data):
    tensors = onnx.load_from_string(data).graph.initializer
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}
