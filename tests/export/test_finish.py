"""The last touches on a model made by hand."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from leukoscope.export.finish import finish

SCOPES = "pkg.torch.onnx.name_scopes"


def weight(name, values):
    return numpy_helper.from_array(np.array(values, np.float32), name)


@pytest.fixture
def model():
    """frames -> Cast -> features (MatMul) -> probabilities; features -> cams."""
    nodes = [
        helper.make_node("Cast", ["frames"], ["floats"], "n0", to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["floats", "val_7"], ["features"], "n1"),
        helper.make_node("Add", ["features", "network.head.bias"], ["shifted"], "n2"),
        helper.make_node("Add", ["shifted", "one"], ["probabilities"], "n3"),
        helper.make_node("Mul", ["features", "also_one"], ["weighted"], "n4"),
        helper.make_node("Add", ["weighted", "tail.c0"], ["cams"], "n5"),
    ]
    scopes = "['', 'network.body', 'network.body.linear', 'linear']"
    nodes[1].metadata_props.add(key=SCOPES, value=scopes)
    nodes[2].metadata_props.add(key="pkg.torch.onnx.stack_trace", value="File /home/someone/x.py")
    shape = ["s77", 2]
    outputs = ["probabilities", "features", "cams"]
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs],
        [
            weight("val_7", [[1, 2], [3, 4]]),
            weight("network.head.bias", [5, 6]),
            weight("tail.c0", [7, 8]),
            weight("one", [1.0]),
            weight("also_one", [1.0]),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    names = {"network.head.bias": "head.bias", "tail.c0": "head.weight"}
    return finish(made, "toy", ("a", "ü"), names)


def test_weights_and_nodes_take_the_names_of_layers(model):
    names = {tensor.name for tensor in model.graph.initializer}
    assert {"body.linear.weight.T", "head.bias", "head.weight"} <= names
    assert [node.name for node in model.graph.node] == [
        "Cast", "body.linear/MatMul", "head/Add", "Add", "gradcam/Mul", "gradcam/head/Add",
    ]  # fmt: skip


def test_equal_constants_become_one(model):
    ones = [t.name for t in model.graph.initializer if t.name in ("one", "also_one")]
    assert ones == ["one"]
    assert model.graph.node[4].input[1] == "one"


def test_nothing_of_the_exporter_s_notes_is_left(model):
    assert b"/home/someone" not in model.SerializeToString()
    assert not any(node.metadata_props for node in model.graph.node)


def test_the_batch_is_called_batch(model):
    values = (*model.graph.input, *model.graph.output)
    assert {v.type.tensor_type.shape.dim[0].dim_param for v in values} == {"batch"}


def test_metadata_names_network_and_classes(model):
    found = {note.key: note.value for note in model.metadata_props}
    assert found["leukoscope.network"] == "toy"
    assert json.loads(found["leukoscope.classes"]) == ["a", "ü"]


def test_the_model_still_computes_the_same(model):
    import onnxruntime

    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    features, cams = session.run(["features", "cams"], {"frames": np.array([[1, 1]], np.uint8)})
    assert features.tolist() == [[4, 6]]
    assert cams.tolist() == [[11, 14]]
