import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in import INSPECTION

from leukoscope.runtime.engines.layers import (
    EngineLayer,
    Tensor,
    layers_from_json,
    layers_json,
    read_inspection,
    read_listing,
    types_by_node,
    types_in_words,
)

LISTING = (
    "Layers:\n"
    "Name: mix/Conv + b, LayerType: correlation, Inputs: [ { Name: gated.q, Dimensions: [-1,8,16,16], Format: x, "
    "Datatype: Int8 }], Constants: [ { Name: scale, Dimensions: [], Format: x, Datatype: Float }, "
    "{ Name: w, Dimensions: [8,8,3,3], Format: x, Datatype: Int8 }], Outputs: [ { Name: mix, Dimensions: "
    "[-1,8,16,16], Format: x, Datatype: Half }], TacticName: t, StreamId: 0, "
    "Metadata: [ONNX Layer: mix/Conv][ONNX Layer: mix.weight/DequantizeLinear]\n"
    "Name: copy, LayerType: reformat, Inputs: [], Constants: [], Outputs: [], TacticName: , StreamId: 0, Metadata: \n"
    "Bindings: frames\n"
)

tensors = st.lists(
    st.builds(Tensor, st.text(max_size=5), st.tuples(st.integers(-1, 9)), st.text(max_size=5)),
    max_size=2,
).map(tuple)
layers = st.builds(
    EngineLayer,
    st.text(max_size=5),
    st.text(max_size=5),
    tensors,
    tensors,
    tensors,
    st.lists(st.text(max_size=5), max_size=2).map(tuple),
)


def test_the_builders_listing():
    conv, copy = read_listing(LISTING)
    assert (conv.name, conv.kind) == ("mix/Conv + b", "correlation")
    assert conv.inputs == (Tensor("gated.q", (-1, 8, 16, 16), "Int8"),)
    assert conv.outputs[0].dtype == "Half"
    assert conv.types == ("Int8", "Int8")
    assert (copy.kind, copy.types, copy.nodes) == ("reformat", (), ())


def test_a_convolution_is_found_under_each_of_its_nodes():
    assert types_by_node(read_listing(LISTING)) == {
        "mix/Conv": ("Int8", "Int8"),
        "mix.weight/DequantizeLinear": ("Int8", "Int8"),
    }
    assert types_in_words(read_listing(LISTING)) == "1 convolutions and matrix products: 1 Int8"


def test_scales_are_no_weights():
    conv, _ = read_listing(
        LISTING.replace(
            "[8,8,3,3], Format: x, Datatype: Int8", "[8,8,3,3], Format: x, Datatype: Float"
        )
    )
    assert conv.types == ("Int8", "Float")


def test_the_inspectors_json_has_the_type_under_one_of_two_names():
    (layer,) = read_inspection(INSPECTION)
    assert layer.nodes == ("conv1", "relu1")
    assert (layer.inputs[0].dtype, layer.outputs[0].dtype) == ("Int8", "Half")
    assert layer.inputs[0].shape == (1, 8, 9, 9)


@pytest.mark.parametrize("text", ["", "[]", '{"Layers": 3}', '{"Layers": ["conv1"]}', "{"])
def test_an_inspection_that_names_no_types_gives_no_layers(text):
    assert read_inspection(text) == ()


@given(st.lists(layers, max_size=3).map(tuple))
def test_layers_survive_the_file(some):
    assert layers_from_json(json.loads(json.dumps(layers_json(some)))) == some


@given(st.text())
def test_no_text_breaks_the_reading(text):
    read_listing("Layers:\nName: " + text)
    read_inspection(text)
