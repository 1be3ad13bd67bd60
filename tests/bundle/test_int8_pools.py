"""An average pool as a depthwise convolution gives the same steps."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from int8_graphs import Graph, operators, run, same, values

from leukoscope.bundle.int8_pools import pools_as_convolutions

POOL = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [1, 1], "count_include_pad": 1}


def graph(scale=0.05, behind=0.05, outputs=("out",), layer=True, **attributes):
    """x -> Q DQ -> pool -> Q DQ -> conv -> out."""
    made = Graph()
    pooled = made.node("AveragePool", [made.steps("x", scale)], "p", **{**POOL, **attributes})
    read = made.steps(pooled, behind)
    if layer:
        made.conv(read, "out", (4, 3, 1, 1))
    else:
        made.node("Relu", [read], "out")
    return made.bytes(*outputs)


@settings(deadline=None, max_examples=40)
@given(
    window=st.sampled_from([[3, 3], [1, 3], [5, 5], [3, 1]]),
    strides=st.sampled_from([[1, 1], [2, 2], [1, 2]]),
    padded=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_one_scale_before_and_behind_gives_the_same_steps(window, strides, padded, seed):
    pads = [side // 2 for side in window] * 2 if padded else [0] * 4
    data = graph(kernel_shape=window, strides=strides, pads=pads)
    changed = pools_as_convolutions(data, "g")
    assert "AveragePool" not in operators(changed)
    same(data, changed, values(seed))


@settings(deadline=None, max_examples=40)
@given(behind=st.sampled_from([0.03, 0.047, 0.0131]), seed=st.integers(0, 1000))
def test_two_scales_give_another_step_only_half_way_between_two(behind, seed):
    data = _with_steps(behind)
    steps, taken = run(data, values(seed)), run(pools_as_convolutions(data, "g"), values(seed))
    apart = np.abs(steps[0] - taken[0]) / behind
    assert apart.max() < 1.01
    quotient = steps[1][apart > 0.5] / behind
    np.testing.assert_allclose(np.abs(quotient - np.floor(quotient) - 0.5), 0, atol=1e-4)


def _with_steps(behind):
    """The steps and the mean itself are outputs, the latter by a second pool, which nobody quantizes."""
    made = Graph()
    source = made.steps("x", 0.05)
    made.node("AveragePool", [source], "mean", **POOL)
    made.node("AveragePool", [source], "p", **POOL)
    read = made.steps("p", behind)
    made.conv(read, "out", (4, 3, 1, 1))
    made.node("Identity", [read], "steps")
    return made.bytes("steps", "mean")


def test_the_layer_keeps_its_name_and_all_pools_of_a_kind_share_their_weights():
    model = onnx.load_from_string(pools_as_convolutions(_twice(), "g"))
    assert [n.name for n in model.graph.node if n.op_type == "Conv"] == [
        "p",
        "p.out",
        "p2",
        "p2.out",
    ]
    assert len([t for t in model.graph.initializer if t.name.startswith("mean")]) == 3


def _twice():
    made = Graph()
    source = made.steps("x")
    for name in ("p", "p2"):
        made.node("AveragePool", [source], name, **POOL)
        made.conv(made.steps(name), f"{name}.out", (4, 3, 1, 1))
    return made.bytes("p.out", "p2.out")


KEPT = {
    "an even number, whose quotients lie half way": {"kernel_shape": [2, 2], "pads": [0] * 4},
    "padding that does not count": {"count_include_pad": 0},
    "windows beyond the edge": {"ceil_mode": 1},
    "gaps in the window": {"dilations": [2, 2]},
    "padding by name": {"auto_pad": "SAME_UPPER", "pads": None},
    "no layer that tells how many channels": {"layer": False},
    "an output of the graph": {"outputs": ("out", "p")},
}


@pytest.mark.parametrize("case", KEPT)
def test_another_pool_is_taken_as_it_is(case):
    data = graph(**KEPT[case])
    assert pools_as_convolutions(data, "g") == data


def test_padding_of_nought_needs_not_be_counted():
    data = graph(count_include_pad=0, pads=[0] * 4)
    same(data, pools_as_convolutions(data, "g"), values(1))


def test_a_float_pool_is_taken_as_it_is():
    made = Graph()
    made.node("AveragePool", ["x"], "p", **POOL)
    made.conv("p", "out", (4, 3, 1, 1))
    assert pools_as_convolutions(made.bytes("out"), "g") == made.bytes("out")
