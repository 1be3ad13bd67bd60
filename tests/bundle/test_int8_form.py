"""The form for ONNX Runtime's fast kernels is the same function on the same grid."""

import numpy as np
import onnx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from leukoscope.bundle.int8_form import fast_int8_form
from leukoscope.errors import InputError

SCALE = 0.05
PORTS = {"out": [1, 2, 6, 6], "a": [1, 4, 6, 6]}


def pair(name):
    return [
        helper.make_node("QuantizeLinear", [name, f"{name}.s", "zero"], [f"{name}.q"], f"{name}/Q"),
        helper.make_node("DequantizeLinear", [f"{name}.q", f"{name}.s", "zero"], [f"{name}.d"]),
    ]


def graph(rectifier="Relu", upper=6.0, scale=SCALE, outputs=("out",), zero=0, kind=np.int8, seed=1):
    """x -> Q DQ -> conv -> rectifier -> Q DQ -> conv -> out."""
    rng = np.random.default_rng(seed)
    constants = {
        "w": rng.normal(0, 0.5, (4, 3, 3, 3)).astype(np.float32),
        "v": rng.normal(0, 0.5, (2, 4, 1, 1)).astype(np.float32),
        "x.s": np.array(SCALE, np.float32),
        "a.s": np.array(scale, np.float32),
        "zero": np.array(zero, kind),
        "lower": np.array(0, np.float32),
        "upper": np.array(upper, np.float32),
    }
    bounds = ["lower", "upper"] if rectifier == "Clip" else []
    nodes = [
        *pair("x"),
        helper.make_node("Conv", ["x.d", "w"], ["c"], "first", pads=[1] * 4),
        helper.make_node(rectifier, ["c", *bounds], ["a"], "rectifier"),
        *pair("a"),
        helper.make_node("Conv", ["a.d", "v"], ["out"], "second"),
    ]
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 6, 6])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, PORTS[n]) for n in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


def run(data, values):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": values})[0]


def operators(data):
    return [node.op_type for node in onnx.load_from_string(data).graph.node]


@settings(deadline=None, max_examples=60)
@given(
    rectifier=st.sampled_from(["Relu", "Clip"]),
    upper=st.sampled_from([0.4, 3.0, 6.0, 100.0]),
    scale=st.sampled_from([0.003, 0.0473, 0.05, 1.0]),
    seed=st.integers(0, 1000),
)
def test_every_output_is_the_same_bit_for_bit(rectifier, upper, scale, seed):
    data = graph(rectifier, upper, scale, seed=seed)
    values = np.random.default_rng(seed).normal(0, 3, (1, 3, 6, 6)).astype(np.float32)
    fast = fast_int8_form(data, "m")
    onnx.checker.check_model(onnx.load_from_string(fast))
    np.testing.assert_array_equal(run(fast, values), run(data, values))


def test_the_layer_is_followed_by_the_quantizer_and_the_zero_point_is_128():
    fast = onnx.load_from_string(fast_int8_form(graph(), "m"))
    assert operators(fast.SerializeToString())[2:6] == [
        "Conv",
        "QuantizeLinear",
        "Clip",
        "DequantizeLinear",
    ]
    zero = next(t for t in fast.graph.initializer if t.name == "zero")
    assert numpy_helper.to_array(zero).dtype == np.uint8 and numpy_helper.to_array(zero) == 128


def test_a_rectifier_whose_output_somebody_else_reads_stays():
    data = fast_int8_form(graph(outputs=("out", "a")), "m")
    assert "Relu" in operators(data) and "Clip" not in operators(data)


UNCHANGED = {
    "a zero point that is not 0": {"zero": 3},
    "uint8 already": {"kind": np.uint8, "zero": 128},
}


@pytest.mark.parametrize("kind", UNCHANGED)
def test_another_grid_is_taken_as_it_is(kind):
    data = graph(**UNCHANGED[kind])
    assert fast_int8_form(data, "m") == data


def test_a_float_graph_is_taken_as_it_is():
    node = helper.make_node("Relu", ["x"], ["y"])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    data = helper.make_model(
        helper.make_graph([node], "g", ports[:1], ports[1:])
    ).SerializeToString()
    assert fast_int8_form(data, "m") == data


def test_a_zero_point_that_something_else_reads_is_not_moved():
    model = onnx.load_from_string(graph())
    model.graph.node.append(helper.make_node("Cast", ["zero"], ["z"], to=TensorProto.FLOAT))
    data = model.SerializeToString()
    assert fast_int8_form(data, "m") == data


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(0, 255))
@example(135, 232)  # a rectifier that reads nothing
@example(174, 77)  # a quantizer that gives nothing
def test_a_broken_file_is_refused_or_changed_but_never_trips(place, byte):
    data = bytearray(graph())
    data[place % len(data)] = byte
    try:
        fast_int8_form(bytes(data), "m")
    except InputError as error:
        assert "\n" not in str(error)


def test_the_shipped_networks_are_the_same_in_the_fast_form(ready_bundle):
    from leukoscope.bundle.onnx_wire import check_graph

    data = (ready_bundle / "xincept_all.fp32.onnx").read_bytes()
    assert fast_int8_form(data, "m") == data
    check_graph(fast_int8_form(data, "m"), "m")
