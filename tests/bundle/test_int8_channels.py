"""Depthwise layers are widened to whole blocks of 16 channels, and nothing else changes."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from int8_graphs import Graph, constants, operators, run, same, values

from leukoscope.bundle.int8_channels import whole_blocks_of_channels
from leukoscope.bundle.int8_pools import pools_as_convolutions
from leukoscope.bundle.int8_weights import weights_of_float_layers
from leukoscope.errors import InputError


def graph(width=120, change=lambda made: None, outputs=("out", "tapped"), seed=1):
    """Two sets of tensors: what `a` makes and `point` reads; and what `point` and `short` make, `deep2` carries, two layers read."""
    made = Graph(seed=seed)
    x = made.steps("x")
    first = made.steps(made.node("Relu", [made.conv(x, "a", (width, 3, 3, 3))], "ar"))
    deep = made.conv(first, "deep", (width, 1, 3, 3), group=width, bias=False)
    point = made.steps(made.conv(made.steps(deep), "point", (width, width, 1, 1)))
    short = made.conv(x, "short", (width, 3, 1, 1))
    joined = made.node("Add", [point, short], "joined")
    deep = made.conv(made.steps(joined), "deep2", (width, 1, 3, 3), group=width)
    pool = {"kernel_shape": [3, 3], "strides": [2, 2]}
    made.conv(made.node("MaxPool", [made.steps(deep)], "pool", **pool), "out", (4, width, 1, 1))
    made.conv(made.steps(made.node("Sigmoid", ["joined.d"], "s")), "tapped", (2, width, 1, 1))
    change(made)
    return made.bytes(*outputs)


@settings(deadline=None, max_examples=15)
@given(width=st.sampled_from([120, 184, 152, 126]), seed=st.integers(0, 1000))
def test_every_output_is_the_same_bit_for_bit(width, seed):
    data = graph(width, seed=seed)
    changed = whole_blocks_of_channels(data, "g")
    assert changed != data
    same(data, changed, values(seed))
    for one, other in zip(
        run(data, values(seed), optimised=True),
        run(changed, values(seed), optimised=True),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_all_that_carries_the_channels_is_widened_by_noughts():
    before, behind = constants(graph()), constants(whole_blocks_of_channels(graph(), "g"))
    shapes = {name: behind[f"{name}.w"].shape for name in ("a", "deep", "point", "short", "out")}
    assert shapes == {
        "a": (128, 3, 3, 3),
        "deep": (128, 1, 3, 3),
        "point": (128, 128, 1, 1),
        "short": (128, 3, 1, 1),
        "out": (4, 128, 1, 1),
    }
    assert not behind["out.w"][:, 120:].any() and not behind["a.w"][120:].any()
    np.testing.assert_array_equal(behind["point.w"][:120, :120], before["point.w"])
    assert (behind["a.ws"][120:] > 0).all() and not behind["a.b"][120:].any()
    assert behind["out.ws"].shape == behind["out.b"].shape == (4,)
    model = onnx.load_from_string(whole_blocks_of_channels(graph(), "g"))
    deep = next(node for node in model.graph.node if node.name == "deep")
    assert next(a.i for a in deep.attribute if a.name == "group") == 128
    assert next(list(a.ints) for a in deep.attribute if a.name == "pads") == [1] * 4


def test_weights_in_float_are_widened_too():
    def change(made):
        made.constants["out.wd"] = made.random.normal(0, 1, (4, 120, 1, 1)).astype("f4")
        made.nodes = [node for node in made.nodes if node.output[0] != "out.wd"]

    data = graph(change=change)
    changed = whole_blocks_of_channels(data, "g")
    assert constants(changed)["out.wd"].shape == (4, 128, 1, 1)
    same(data, changed, values(2))


def is_joined_with_others(made):
    made.node("Concat", ["joined.d", "joined.d"], "cat", axis=1)


def is_read_by_a_layer_in_groups(made):
    made.conv("joined.d", "grouped", (4, 60, 1, 1), group=2)


def shares_its_weights(made):
    made.node("Conv", ["joined.d", "point.wd"], "other")


def shares_its_bias(made):
    made.node("Conv", ["joined.d", "point.wd", "short.b"], "other")


def is_multiplied_by_a_constant_a_channel(made):
    made.constants["factor"] = np.ones((1, 120, 1, 1), np.float32)
    made.node("Mul", ["joined.d", "factor"], "product")


def is_padded_by_name(made):
    deep = next(node for node in made.nodes if node.name == "deep2")
    del deep.attribute[:]
    deep.attribute.extend(
        onnx.helper.make_node("", [], [], group=120, auto_pad="SAME_UPPER").attribute
    )


REASONS = [
    is_joined_with_others,
    is_read_by_a_layer_in_groups,
    shares_its_weights,
    shares_its_bias,
    is_multiplied_by_a_constant_a_channel,
    is_padded_by_name,
]


@pytest.mark.parametrize("change", REASONS)
def test_channels_that_something_else_counts_are_left_alone(change):
    data = graph(change=change)
    changed = whole_blocks_of_channels(data, "g")
    same(data, changed, values(5))
    assert constants(changed)["short.w"].shape == (120, 3, 1, 1)


def test_an_output_of_the_graph_keeps_its_channels():
    data = graph(outputs=("out", "joined"))
    changed = whole_blocks_of_channels(data, "g")
    same(data, changed, values(6))
    assert constants(changed)["short.w"].shape == (120, 3, 1, 1)
    assert constants(changed)["a.w"].shape == (128, 3, 3, 3)


@pytest.mark.parametrize("width", [128, 50, 24])
def test_whole_blocks_and_what_would_grow_too_much_are_left_alone(width):
    assert whole_blocks_of_channels(graph(width), "g") == graph(width)


def test_where_no_layer_is_depthwise_nothing_is_widened():
    made = Graph()
    first = made.steps(made.conv(made.steps("x"), "a", (120, 3, 3, 3)))
    made.conv(first, "out", (4, 120, 1, 1))
    assert whole_blocks_of_channels(made.bytes("out"), "g") == made.bytes("out")
    assert "Conv" in operators(made.bytes("out"))


@settings(deadline=None, max_examples=300)
@given(place=st.floats(0, 0.999), byte=st.integers(0, 255), small=st.booleans())
def test_a_broken_file_is_refused_or_changed_but_never_trips(place, byte, small):
    data = bytearray(_nodes_only() if small else graph())
    data[int(place * len(data))] = byte
    for form in (pools_as_convolutions, weights_of_float_layers, whole_blocks_of_channels):
        try:
            form(bytes(data), "g")
        except InputError as error:
            assert "\n" not in str(error)


def _nodes_only():
    """Of one channel a group each: few weights, so that most bytes are structure."""
    made = Graph()
    pool = {"kernel_shape": [3, 3], "pads": [1] * 4, "count_include_pad": 1}
    pooled = made.steps(made.node("AveragePool", [made.steps("x")], "p", **pool))
    deep = made.conv(pooled, "deep", (3, 1, 1, 1), group=3)
    made.conv(made.steps(deep), "out", (2, 3, 1, 1))
    return made.bytes("out")
