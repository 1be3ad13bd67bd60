"""A small float graph with all that a quantizer meets: branches, pools, a sum, both rectifiers, maps, a prior."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16


def network(seed=1):
    """x float32 [batch, 3, 16, 16] -> probabilities [batch, 4], cams [batch, 8, 8, 8].

    first -> relu -> left (relu6)  \
                  -> right (relu)   > concat -> wide -> maxpool -> deep -> sum with the pooled -> last (relu) -> maps
    """
    rng = np.random.default_rng(seed)
    shapes = {
        "first": (8, 3, 3, 3),
        "left": (4, 8, 1, 1),
        "right": (4, 8, 3, 3),
        "wide": (8, 8, 1, 1),
        "deep": (8, 8, 3, 3),
        "last": (8, 8, 1, 1),
        "saliency/prior": (1, 3, 1, 1),
        "squeeze": (8, 8, 1, 1),
    }
    weights = {f"{name}.weight": rng.normal(0, 0.4, shape) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": rng.normal(0, 0.1, shape[0]) for name, shape in shapes.items()}
    weights |= {"head.weight": rng.normal(0, 0.5, (8, 4)), "zero": np.array(0), "six": np.array(6)}
    weights["half"] = np.array(0.5)
    nodes = [
        helper.make_node("Mul", ["x", "half"], ["image"], "Mul"),
        conv("first", "image", pads=[1] * 4),
        helper.make_node("Relu", ["first.out"], ["a"], "first/Relu"),
        conv("left", "a"),
        helper.make_node("Clip", ["left.out", "zero", "six"], ["l"], "left/Clip"),
        conv("right", "a", pads=[1] * 4),
        helper.make_node("Relu", ["right.out"], ["r"], "right/Relu"),
        helper.make_node("Concat", ["l", "r"], ["joined"], "Concat", axis=1),
        conv("wide", "joined"),
        helper.make_node(
            "MaxPool", ["wide.out"], ["pooled"], "MaxPool", kernel_shape=[2, 2], strides=[2, 2]
        ),
        conv("deep", "pooled", pads=[1] * 4),
        helper.make_node("Add", ["deep.out", "pooled"], ["sum"], "Add"),
        conv("last", "sum"),
        helper.make_node("Relu", ["last.out"], ["target"], "last/Relu"),
        conv("saliency/prior", "image"),
        helper.make_node("ReduceMean", ["target", "plane"], ["mean"], "ReduceMean", keepdims=1),
        conv("squeeze", "mean"),
        helper.make_node("Flatten", ["squeeze.out"], ["features"], "Flatten", axis=1),
        helper.make_node("MatMul", ["features", "head.weight"], ["logits"], "head/MatMul"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "Softmax", axis=-1),
        helper.make_node("Relu", ["target"], ["cams"], "gradcam/Relu"),
    ]
    constants = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()]
    constants.append(numpy_helper.from_array(np.array([2, 3], np.int64), "plane"))
    ports = {"probabilities": ["batch", 4], "cams": ["batch", 8, 8, 8]}
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in ports.items()],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def conv(name, data, **attributes):
    inputs = [data, f"{name}.weight", f"{name}.bias"]
    return helper.make_node("Conv", inputs, [f"{name}.out"], f"{name}/Conv", **attributes)


def inputs(count=2, seed=3):
    """[count, 3, 16, 16] float32, -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, 3, SIDE, SIDE)).astype(np.float32)


def outputs_of(model, values, names=()):
    """By name, on ONNX Runtime's CPU with all its rewriting switched off; `names` are tensors asked for besides."""
    import onnxruntime

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        copy.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"x": values}), strict=True))


def ranges_of(model, values):
    """The greatest absolute value of every tensor."""
    names = [name for node in model.graph.node for name in node.output]
    there_are = {value.name for value in model.graph.output}
    found = outputs_of(model, values, [name for name in names if name not in there_are])
    return {name: float(np.abs(array).max()) for name, array in found.items()}
