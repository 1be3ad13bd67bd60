"""Weights of layers that are computed in float become float32 beforehand."""

import numpy as np
import pytest
from int8_graphs import Graph, constants, operators, same, values

from leukoscope.bundle.int8_weights import weights_of_float_layers


def graph(change=lambda made: None, behind="Relu"):
    """x -> Q DQ -> conv -> Relu -> out."""
    made = Graph()
    made.conv(made.steps("x"), "c", (4, 3, 3, 3))
    made.node(behind, ["c", *(["0.05", "zero"] if behind == "QuantizeLinear" else [])], "r")
    if behind == "QuantizeLinear":
        made.node("DequantizeLinear", ["r", "0.05", "zero"], "out")
    else:
        made.node("Identity", ["r"], "out")
    change(made)
    return made.bytes("out")


def test_they_are_the_same_numbers():
    data = graph()
    changed = weights_of_float_layers(data, "g")
    same(data, changed, values(3))
    assert operators(changed).count("DequantizeLinear") == 1  # that of x
    before, behind = constants(data), constants(changed)
    assert "c.w" not in behind and behind["c.wd"].dtype == np.float32
    wanted = before["c.w"] * before["c.ws"][:, None, None, None]
    np.testing.assert_array_equal(behind["c.wd"], wanted)


def test_a_layer_that_gives_steps_keeps_its_bytes():
    data = graph(behind="QuantizeLinear")
    assert weights_of_float_layers(data, "g") == data


def shares_the_pair(made):
    made.node("Conv", ["x", "c.wd"], "other")


def shares_the_bytes(made):
    made.node("Cast", ["c.w"], "other", to=1)


def has_a_zero_point(made):
    made.constants["c.zero"] = np.array([0, 0, 1, 0], np.int8)
    made.nodes[2].input.append("c.zero")


def has_scales_along_another_axis(made):
    made.constants["c.ws"] = made.constants["c.ws"][:3]
    made.nodes[2].attribute[0].i = 1


@pytest.mark.parametrize(
    "change",
    [shares_the_pair, shares_the_bytes, has_a_zero_point, has_scales_along_another_axis],
)
def test_other_weights_are_taken_as_they_are(change):
    data = graph(change)
    assert weights_of_float_layers(data, "g") == data


def test_zero_points_of_nought_are_none():
    def change(made):
        made.constants["c.zero"] = np.zeros(4, np.int8)
        made.nodes[2].input.append("c.zero")

    data = graph(change)
    same(data, weights_of_float_layers(data, "g"), values(4))
    assert "c.w" not in constants(weights_of_float_layers(data, "g"))
