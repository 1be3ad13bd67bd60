"""A softmax over planes is the same function written out."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from int8_graphs import SIDE, Graph, operators, run

from leukoscope.bundle.softmax_form import softmax_by_planes
from leukoscope.errors import InputError


def graph(axis=1, opset=18, inner=False, last="Softmax"):
    made = Graph()
    made.node("Mul", ["x", made.scalar(10.0)], "y")
    made.nodes.append(onnx.helper.make_node(last, ["y"], ["mask"], "softmax", axis=axis))
    if inner:
        made.node("Identity", ["mask"], "out")
    model = onnx.load_from_string(made.bytes("out" if inner else "mask"))
    model.opset_import[0].version = opset
    return model.SerializeToString()


@settings(deadline=None, max_examples=30)
@given(
    axis=st.sampled_from([1, -3]),
    factor=st.sampled_from([0, 1, 1e4, 3e36]),
    seed=st.integers(0, 99),
)
def test_it_gives_the_same(axis, factor, seed):
    data = graph(axis)
    changed = softmax_by_planes(data, "g")
    onnx.checker.check_model(onnx.load_from_string(changed), full_check=True)
    assert operators(changed) == ["Mul", "ReduceMax", "Sub", "Exp", "ReduceSum", "Div"]
    x = np.random.default_rng(seed).normal(0, 1, (1, 3, SIDE, SIDE)).astype(np.float32) * factor
    found, wanted = run(changed, x)[0], run(data, x)[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


KEPT = {
    "along a side": {"axis": 2},
    "an older opset": {"opset": 17},
    "not an output, whose sides are not known": {"inner": True},
    "another function": {"last": "LogSoftmax"},
}


@pytest.mark.parametrize("case", KEPT)
def test_another_one_is_taken_as_it_is(case):
    assert softmax_by_planes(graph(**KEPT[case]), "g") == graph(**KEPT[case])


def test_the_shipped_mask_is_made_by_it(ready_bundle):
    data = (ready_bundle / "sg_cldff.fp32.onnx").read_bytes()
    before, behind = operators(data), operators(softmax_by_planes(data, "g"))
    assert behind.count("Softmax") == before.count("Softmax") - 1
    assert (
        softmax_by_planes((ready_bundle / "xincept_all.fp32.onnx").read_bytes(), "g")
        == (ready_bundle / "xincept_all.fp32.onnx").read_bytes()
    )


@settings(deadline=None, max_examples=200)
@given(place=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_broken_file_is_refused_or_changed_but_never_trips(place, byte):
    data = bytearray(graph())
    data[place % len(data)] = byte
    try:
        softmax_by_planes(bytes(data), "g")
    except InputError as error:
        assert "\n" not in str(error)
