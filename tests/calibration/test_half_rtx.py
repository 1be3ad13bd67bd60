"""TensorRT-RTX compiles what the quantizers write, and its listing shows the types that the file asks for.

The faults here are those that TensorRT refuses, or takes in silence and computes in float: why the linter has its rules.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

sys.path.insert(0, str(Path(__file__).parent))

import toy_graphs as toy
from rtx import compile_listing, compile_model, tensorrt_rtx, types_by_node  # noqa: F401

from leukoscope.bundle.read import open_bundle
from leukoscope.calibration.half import to_half
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.lint import lint
from leukoscope.calibration.qdq import quantize

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("tensorrt_rtx")]

FLOAT, HALF, INT8 = ("Float", "Float"), ("Half", "Half"), ("Int8", "Int8")


def types(model):
    return types_by_node(compile_listing(model.SerializeToString()))


def set_scale(model, values):
    toy.put(model, "gated.scale", values)


def two_numbers(model):
    set_scale(model, np.array([0.03], np.float32))


def other_axis(model):
    toy.put(model, "mix.weight.scale", np.full(8, 0.01, np.float32))
    toy.node(model, "mix.weight/DequantizeLinear").attribute[0].i = 1


def only_weights(model):
    toy.node(model, "mix/Conv").input[0] = "gated"


def only_data(model):
    codes, scale = (toy.array(model, f"mix.weight.{part}") for part in ("int8", "scale"))
    toy.put(model, "mix.weight", codes * scale.reshape(-1, 1, 1, 1))
    toy.node(model, "mix/Conv").input[1] = "mix.weight"


def zero_scale(model):
    set_scale(model, np.array(0, np.float32))


def other_zero_point(model):
    toy.put(model, "five", np.array(5, np.int8))
    for name in ("gated/QuantizeLinear", "gated/DequantizeLinear"):
        toy.node(model, name).input[2] = "five"


def quantized_bias(model):
    toy.put(model, "mix.codes", np.zeros(8, np.int32))
    toy.put(model, "mix.bias.scale", np.full(8, 1e-4, np.float32))
    inputs, outputs = ["mix.codes", "mix.bias.scale"], ["mix.bias.dq"]
    back = helper.make_node("DequantizeLinear", inputs, outputs, name="back", axis=0)
    toy.insert_before(model, "mix/Conv", back)
    toy.node(model, "mix/Conv").input[2] = "mix.bias.dq"


def codes_read_as_numbers(model):
    cast = helper.make_node("Cast", ["last.weight.int8"], ["codes"], name="c", to=1)
    conv = helper.make_node("Conv", ["target", "codes"], ["again"], name="again/Conv")
    toy.insert_before(model, "ReduceMean", cast, conv)
    toy.node(model, "ReduceMean").input[0] = "again"


def test_a_good_graph_is_computed_in_int8():
    found = types(toy.quantized_graph())
    assert {found[name] for name in toy.LAYERS} == {INT8}
    assert found["gradcam/MatMul"] == FLOAT


@pytest.mark.parametrize("fault", [two_numbers, other_axis, only_weights, only_data])
def test_is_silent_and_computes_in_float(fault):
    model = toy.quantized_graph()
    fault(model)
    assert types(model)["mix/Conv"] == FLOAT
    assert lint(model)


@pytest.mark.parametrize(
    "fault", [zero_scale, other_zero_point, quantized_bias, codes_read_as_numbers]
)
def test_refuses(fault):
    model = toy.quantized_graph()
    fault(model)
    with pytest.raises(AssertionError):
        compile_listing(model.SerializeToString())
    assert lint(model)


def test_a_graph_in_half_is_computed_in_half():
    found = types(to_half(toy.float_graph()))
    assert {found[name] for name in ("mix/Conv", "last/Conv")} == {HALF}
    assert found["gradcam/MatMul"] == FLOAT


def test_the_rest_of_a_quantized_graph_is_computed_in_half():
    half = to_half(toy.quantized_graph(layers=("stem/Conv", "last/Conv")))
    found = types(half)
    assert (found["stem/Conv"], found["mix/Conv"], found["last/Conv"]) == (INT8, HALF, INT8)


def test_faint_channels_are_taken_in_half():
    model = toy.quantized_graph()
    scale = toy.array(model, "mix.weight.scale").copy()
    scale[:2] = 8e-9, 1e-6
    toy.put(model, "mix.weight.scale", scale)
    toy.put(model, "mix.bias", np.zeros(8, np.float32))
    half = to_half(model)
    assert types(half)["mix/Conv"] == INT8


def shipped(ready_bundle, name):
    return onnx.load(open_bundle(ready_bundle).root / f"{name}.fp32.onnx")


def written(half):
    """Types of data and weights by convolution, as the file has them."""
    stored = {t.name: t.data_type for t in half.graph.initializer}
    words = {onnx.TensorProto.FLOAT: FLOAT, onnx.TensorProto.FLOAT16: HALF}
    return {n.name: words[stored[n.input[1]]] for n in half.graph.node if n.op_type == "Conv"}


@pytest.mark.parametrize(("name", "least"), [("xincept_all", 0.98), ("sg_cldff", 0.75)])
def test_the_shipped_graphs_in_half(ready_bundle, name, least):
    model = shipped(ready_bundle, name)
    half = to_half(model)
    plan = compile_model(half.SerializeToString())
    found, asked = types_by_node(plan.layers), written(half)
    assert {
        layer: found[layer] for layer in asked if layer in found and found[layer] != asked[layer]
    } == {}
    assert sum(found.get(layer) == HALF for layer in asked) > least * len(asked)
    maps = {pair for layer, pair in found.items() if layer.startswith("gradcam/")}
    assert maps == {FLOAT}
    assert plan.plan_bytes < compile_model(model.SerializeToString()).plan_bytes


@pytest.mark.parametrize("name", ["xincept_all", "sg_cldff"])
def test_the_shipped_graphs_in_int8_with_the_rest_in_half(ready_bundle, name):
    model = shipped(ready_bundle, name)
    layers = [layer for layer in find_layers(model) if not layer.name.startswith("saliency.")]
    ranges = dict.fromkeys((t for node in model.graph.node for t in node.output), 4.0)
    found = types(to_half(quantize(model, layers, ranges)))
    assert [layer.name for layer in layers if found.get(layer.name) != INT8] == []
    assert HALF in {pair for node, pair in found.items() if node.endswith("/MatMul")}
