"""What is read of an ONNX file: nodes, weights and their sizes; and what cannot be read."""

from contextlib import suppress

import graph_made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import ModelProto, NodeProto

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers.graph import read_network_graph


def test_nodes_weights_and_outputs(made_graph):
    pool = made_graph.by_name["trunk.stage.1/MaxPool"]
    assert (pool.operator, pool.inputs, pool.outputs, pool.kernel) == (
        "MaxPool",
        ("b",),
        ("c",),
        (2, 2),
    )
    weight = made_graph.constants["trunk.stage.0.conv.weight"]
    assert (weight.shape, weight.dtype, weight.size_bytes) == ((8, 3, 3, 3), "float", 864)
    assert made_graph.outputs == {"probabilities", "cams"}
    assert made_graph.constant_bytes == 4 * (216 + 72 + 32) + 2 * 8


def test_who_gives_and_who_reads_a_tensor(made_graph):
    assert made_graph.producer["d"].name == "trunk.stage.2.depthwise/Conv"
    assert {node.name for node in made_graph.readers["d"]} == {"ReduceMean", "gradcam/Relu"}


def test_a_name_that_two_nodes_share_is_nobodys():
    model = ModelProto.FromString(graph_made.float_graph())
    model.graph.node.append(NodeProto(op_type="Relu", name="Softmax", input=["d"], output=["z"]))
    assert "Softmax" not in read_network_graph(model.SerializeToString(), "m").by_name


def test_int8_weights_have_a_byte_each():
    graph = read_network_graph(graph_made.paired_graph(), "m")
    weight = graph.constants["trunk.stage.0.conv.weight.int8"]
    assert (weight.dtype, weight.size_bytes) == ("int8", 216)


@pytest.mark.parametrize("data", [b"", b"\x08\x08", b"\xff" * 40])
def test_what_is_no_model_is_refused(data):
    with pytest.raises(InputError, match="sound ONNX"):
        read_network_graph(data, "m.onnx")


@given(st.integers(0, 2000), st.integers(0, 255))
def test_no_changed_byte_breaks_more_than_the_reading(place, value):
    data = bytearray(graph_made.float_graph())
    data[place % len(data)] = value
    with suppress(InputError):
        read_network_graph(bytes(data), "m.onnx")
