"""A small graph in the manner of the exported ones, and its Q/DQ form, for tests that break one rule at a time."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
LAYERS = ("stem/Conv", "mix/Conv", "last/Conv")


def float_graph(opset=18, seed=1):
    """frames [batch, 16, 16, 3] -> probabilities [batch, 4], cams [batch, 4, 16, 16], saliency [batch, 16, 16].

    A colour path, a saliency prior that gates, three convolutions with a residual add, a head, and maps.
    """
    rng = np.random.default_rng(seed)
    weights = {
        "stem.weight": rng.normal(0, 0.3, (8, 3, 3, 3)),
        "stem.bias": rng.normal(0, 0.1, 8),
        "mix.weight": rng.normal(0, 0.2, (8, 8, 3, 3)),
        "mix.bias": rng.normal(0, 0.1, 8),
        "last.weight": rng.normal(0, 0.2, (8, 8, 1, 1)),
        "last.bias": rng.normal(0, 0.1, 8),
        "saliency.prior.weight": rng.normal(0, 0.5, (1, 3, 1, 1)),
        "saliency.prior.bias": rng.normal(0, 0.1, 1),
        "head.weight": rng.normal(0, 0.5, (4, 8)),
        "head.bias": rng.normal(0, 0.1, 4),
        "temperature": np.array([0.8]),
        "byte": np.array(1 / 255),
        "tiny": np.array(0.02),
    }
    integers = {
        "plane": [2, 3],
        "one": [1],
        "flat": [-1, 8, SIDE * SIDE],
        "map": [-1, 4, SIDE, SIDE],
    }
    nodes = [
        _node("Cast", "Cast", "frames", "wide", to=TensorProto.FLOAT),
        _node("Transpose", "Transpose", "wide", "planes", perm=[0, 3, 1, 2]),
        _node("Mul", "Mul", "planes byte", "images"),
        _node("saliency/Add", "Add", "images tiny", "lifted"),
        _node("saliency/Log", "Log", "lifted", "density"),
        _node(
            "saliency.prior/Conv",
            "Conv",
            "density saliency.prior.weight saliency.prior.bias",
            "prior",
        ),
        _node("saliency/Sigmoid", "Sigmoid", "prior", "sigmoid"),
        _node("Div", "Div", "images lifted", "ground"),
        _node("stem/Conv", "Conv", "ground stem.weight stem.bias", "stem", pads=[1] * 4),
        _node("stem/Relu", "Relu", "stem", "a"),
        _node("gate/Mul", "Mul", "a sigmoid", "gated"),
        _node("mix/Conv", "Conv", "gated mix.weight mix.bias", "mix", pads=[1] * 4),
        _node("mix/Add", "Add", "mix gated", "sum"),
        _node("mix/Relu", "Relu", "sum", "b"),
        _node("last/Conv", "Conv", "b last.weight last.bias", "last"),
        _node("last/Relu", "Relu", "last", "target"),
        _node("ReduceMean", "ReduceMean", "target plane", "features", keepdims=0),
        _node("head/Gemm", "Gemm", "features head.weight head.bias", "logits", transB=1),
        _node("Div_2", "Div", "logits temperature", "scaled"),
        _node("Softmax", "Softmax", "scaled", "probabilities", axis=-1),
        _node("gradcam/Reshape", "Reshape", "target flat", "flattened"),
        _node("gradcam/MatMul", "MatMul", "head.weight flattened", "evidence"),
        _node("gradcam/Relu", "Relu", "evidence", "positive"),
        _node("gradcam/Reshape_2", "Reshape", "positive map", "cams"),
        _node("Squeeze", "Squeeze", "sigmoid one", "saliency"),
    ]
    initializers = [
        *(numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()),
        *(numpy_helper.from_array(np.array(v, np.int64), k) for k, v in integers.items()),
    ]
    outputs = {
        "probabilities": (4,),
        "cams": (4, SIDE, SIDE),
        "saliency": (SIDE, SIDE),
    }
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["batch", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *sides])
            for name, sides in outputs.items()
        ],
        initializers,
    )
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def quantized_graph(opset=18, seed=1, layers=LAYERS):
    """The same with Q/DQ pairs on the data of `layers`, and their weights in int8 by channel."""
    model = float_graph(opset, seed)
    graph = model.graph
    graph.initializer.append(numpy_helper.from_array(np.array(0, np.int8), "int8_zero"))
    nodes, paired = [], set()
    for node in list(graph.node):
        if node.name in layers:
            data, weight = node.input[0], node.input[1]
            if data not in paired:
                paired.add(data)
                nodes += _pair(graph, data)
            nodes.append(_int8_weight(graph, weight))
            node.input[0], node.input[1] = f"{data}.dq", f"{weight}.dq"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def frames(count=2, seed=5):
    return np.random.default_rng(seed).integers(20, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def array(model, name):
    return numpy_helper.to_array(next(t for t in model.graph.initializer if t.name == name))


def put(model, name, values):
    """Replaces the initializer `name`, or adds it."""
    for tensor in list(model.graph.initializer):
        if tensor.name == name:
            model.graph.initializer.remove(tensor)
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(values), name))


def node(model, name):
    return next(n for n in model.graph.node if n.name == name)


def insert_before(model, name, *new):
    """Puts nodes in front of the node called `name`."""
    nodes = list(model.graph.node)
    at = next(i for i, n in enumerate(nodes) if n.name == name)
    del model.graph.node[:]
    model.graph.node.extend([*nodes[:at], *new, *nodes[at:]])


def pair(data, scale, zero="int8_zero", out=None):
    """QuantizeLinear and DequantizeLinear of the tensor `data`."""
    codes, back = f"{data}.q", out or f"{data}.dq"
    return [
        _node(f"{data}/QuantizeLinear", "QuantizeLinear", f"{data} {scale} {zero}", codes),
        _node(f"{data}/DequantizeLinear", "DequantizeLinear", f"{codes} {scale} {zero}", back),
    ]


def _pair(graph, data):
    graph.initializer.append(numpy_helper.from_array(np.array(0.03, np.float32), f"{data}.scale"))
    return pair(data, f"{data}.scale")


def _int8_weight(graph, name):
    tensor = next(t for t in graph.initializer if t.name == name)
    values = numpy_helper.to_array(tensor)
    graph.initializer.remove(tensor)
    scale = (np.abs(values).reshape(len(values), -1).max(1) / 127).astype(np.float32)
    codes = np.round(values / scale.reshape(-1, *[1] * (values.ndim - 1))).astype(np.int8)
    graph.initializer.append(numpy_helper.from_array(codes, f"{name}.int8"))
    graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
    return _node(
        f"{name}/DequantizeLinear",
        "DequantizeLinear",
        f"{name}.int8 {name}.scale",
        f"{name}.dq",
        axis=0,
    )


def _node(name, operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], name=name, **attributes)


def check_sound(model):
    onnx.checker.check_model(model, full_check=True)
