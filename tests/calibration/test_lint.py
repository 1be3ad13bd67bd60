"""Each rule of the linter, broken on a small graph that keeps all of them."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).parent))

import toy_graphs as toy

from leukoscope.calibration.lint import check, lint
from leukoscope.errors import GateError

Q, DQ = "gated/QuantizeLinear", "gated/DequantizeLinear"


def put_scale(values, name="gated.scale"):
    return lambda model: toy.put(model, name, values)


def put_zero_point(values, *names):
    def change(model):
        toy.put(model, "other_zero", values)
        for name in names or (Q, DQ):
            toy.node(model, name).input[2] = "other_zero"

    return change


def drop_zero_point(model):
    toy.node(model, Q).input.pop()


def compute_scale(model):
    toy.insert_before(model, Q, helper.make_node("Identity", ["byte"], ["computed"], name="c"))
    for name in (Q, DQ):
        toy.node(model, name).input[1] = "computed"


def two_scales(model):
    toy.put(model, "wider", np.array(0.05, np.float32))
    toy.node(model, DQ).input[1] = "wider"


def pool_codes(model):
    pool = helper.make_node("MaxPool", ["gated.q"], ["pooled"], name="pool", kernel_shape=[1, 1])
    toy.insert_before(model, DQ, pool)
    toy.node(model, DQ).input[0] = "pooled"


def nobody_dequantizes(model):
    toy.node(model, "mix/Conv").input[0] = "gated"
    nodes = [n for n in model.graph.node if n.name != DQ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def read_codes(model):
    cast = helper.make_node("Cast", ["mix.weight.int8"], ["codes"], name="c", to=TensorProto.FLOAT)
    conv = helper.make_node("Conv", ["a", "codes"], ["unused"], name="again/Conv")
    toy.insert_before(model, "mix/Relu", cast, conv)


def codes_as_scale(model):
    toy.node(model, "mix.weight/DequantizeLinear").input[1] = "mix.weight.int8"


def other_axis(model):
    toy.node(model, "mix.weight/DequantizeLinear").attribute[0].i = 1


def wide_codes(model):
    toy.put(model, "mix.weight.int8", toy.array(model, "mix.weight.int8").astype(np.int16))


def quantize_bias(model):
    toy.put(model, "mix.codes", np.zeros(8, np.int32))
    toy.put(model, "mix.bias.scale", np.full(8, 1e-4, np.float32))
    back = helper.make_node(
        "DequantizeLinear", ["mix.codes", "mix.bias.scale"], ["mix.bias.dq"], name="b", axis=0
    )
    toy.insert_before(model, "mix/Conv", back)
    toy.node(model, "mix/Conv").input[2] = "mix.bias.dq"


def only_weights(model):
    toy.node(model, "stem/Conv").input[0] = "ground"


def only_data(model):
    codes, scale = (toy.array(model, f"stem.weight.{part}") for part in ("int8", "scale"))
    toy.put(model, "stem.weight", codes * scale.reshape(-1, 1, 1, 1))
    toy.node(model, "stem/Conv").input[1] = "stem.weight"


def pair_in_front_of(name, data, scale="gated.scale"):
    def change(model):
        toy.insert_before(model, name, *toy.pair(data, scale))
        node = toy.node(model, name)
        node.input[list(node.input).index(data)] = f"{data}.dq"

    return change


def pair_inside_the_maps(model):
    pair_in_front_of("gradcam/Relu", "evidence")(model)
    toy.node(model, "evidence/QuantizeLinear").name = "gradcam/QuantizeLinear"
    toy.node(model, "gradcam/Relu").input[0] = "evidence"


def quantize_the_prior(model):
    pair_in_front_of("saliency.prior/Conv", "density")(model)


def quantize_an_output(model):
    toy.node(model, "gradcam/Reshape_2").output[0] = "float_cams"
    for node in reversed(toy.pair("float_cams", "gated.scale", out="cams")):
        model.graph.node.append(node)


def set_opset(version):
    return lambda model: setattr(model.opset_import[0], "version", version)


def add_domain(model):
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def raise_ir(model):
    model.ir_version = 11


def half_scale(model):
    toy.put(model, "gated.scale", np.array(0.03, np.float16))


def half_output(model):
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT16


def float_frames(model):
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT


def disorder(model):
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))


BREAKS = [
    ("scale shape", DQ, put_scale(np.array([0.03], np.float32))),
    ("scale", DQ, put_scale(np.array(0, np.float32))),
    ("scale", DQ, put_scale(np.array(-0.03, np.float32))),
    ("scale", DQ, put_scale(np.array(np.inf, np.float32))),
    ("scale", DQ, put_scale(np.array(np.nan, np.float32))),
    ("scale", DQ, put_scale(np.array(0.03, np.float64))),
    ("scale", Q, compute_scale),
    (
        "scale",
        "mix.weight/DequantizeLinear",
        put_scale(np.array([0.01] * 7 + [0], np.float32), "mix.weight.scale"),
    ),
    ("zero point", Q, put_zero_point(np.array(5, np.int8))),
    ("zero point", Q, put_zero_point(np.array(128, np.uint8))),
    ("zero point", Q, put_zero_point(np.array(0, np.uint8))),
    ("zero point", Q, put_zero_point(np.array([0], np.int8))),
    ("zero point", Q, drop_zero_point),
    ("pair", DQ, two_scales),
    ("pair", Q, pool_codes),
    ("pair", DQ, pool_codes),
    ("pair", Q, nobody_dequantizes),
    ("int8 constant", "c", read_codes),
    ("int8 constant", "mix.weight/DequantizeLinear", codes_as_scale),
    (
        "weights",
        "mix.weight/DequantizeLinear",
        put_scale(np.array(0.01, np.float32), "mix.weight.scale"),
    ),
    ("weights", "mix.weight/DequantizeLinear", other_axis),
    ("weights", "mix.weight/DequantizeLinear", wide_codes),
    ("bias", "mix/Conv", quantize_bias),
    ("bias range", "mix/Conv", put_scale(np.full(8, 1e-12, np.float32), "mix.weight.scale")),
    ("half a layer", "stem/Conv", only_weights),
    ("half a layer", "stem/Conv", only_data),
    ("float branch", "gradcam/Reshape", pair_in_front_of("gradcam/Reshape", "target")),
    ("float branch", "gradcam/QuantizeLinear", pair_inside_the_maps),
    ("float branch", "saliency.prior/Conv", quantize_the_prior),
    ("float branch", "saliency/Log", pair_in_front_of("saliency/Log", "lifted")),
    ("confidence", "Softmax", pair_in_front_of("Softmax", "scaled")),
    ("confidence", "Softmax", pair_in_front_of("Div_2", "logits")),
    ("confidence", "saliency/Sigmoid", pair_in_front_of("saliency/Sigmoid", "prior")),
    ("output", "cams", quantize_an_output),
    ("output", "saliency", pair_in_front_of("Squeeze", "sigmoid")),
    ("opset", "", set_opset(16)),
    ("opset", "", set_opset(20)),
    ("domain", "", add_domain),
    ("IR", "", raise_ir),
    ("half scale", Q, half_scale),
    ("port", "probabilities", half_output),
    ("port", "frames", float_frames),
    ("soundness", "", disorder),
]


@pytest.mark.parametrize(("rule", "node", "change"), BREAKS)
def test_names_the_broken_rule_and_the_node(rule, node, change):
    model = toy.quantized_graph()
    change(model)
    assert (rule, node) in {(fault.rule, fault.node) for fault in lint(model)}


@pytest.mark.parametrize("opset", [18, 19])
def test_good_graphs_have_no_fault(opset):
    assert lint(toy.float_graph(opset)) == ()
    assert lint(toy.quantized_graph(opset)) == ()


def test_weights_may_carry_a_zero_point_a_channel():
    model = toy.quantized_graph()
    toy.put(model, "zeros", np.zeros(8, np.int8))
    toy.node(model, "mix.weight/DequantizeLinear").input.append("zeros")
    assert lint(model) == ()


def test_an_axis_may_be_counted_from_the_end():
    model = toy.quantized_graph()
    toy.node(model, "mix.weight/DequantizeLinear").attribute[0].i = -4
    assert lint(model) == ()


@pytest.mark.parametrize("branches", [(0,), (1,), (0, 1)])
def test_a_sum_takes_one_quantized_branch_or_two(branches):
    model = toy.quantized_graph()
    toy.insert_before(model, "mix/Add", *toy.pair("mix", "gated.scale"))
    for branch in branches:
        toy.node(model, "mix/Add").input[branch] = ("mix.dq", "gated.dq")[branch]
    assert lint(model) == ()


def layer_given_back(reads):
    model = toy.quantized_graph(layers=("stem/Conv", "mix/Conv"))
    toy.insert_before(model, "mix/Add", *toy.pair("mix", "gated.scale"))
    toy.node(model, "mix/Add").input[0] = "mix.dq"
    toy.insert_before(model, "last/Conv", *toy.pair("b", "gated.scale"))
    toy.node(model, "last/Conv").input[0] = reads
    return model


def test_a_layer_given_back_reads_the_float_value():
    """ONNX Runtime would quantize its weights again, with one scale for all channels."""
    wrong = lint(layer_given_back("b.dq"))
    assert [(fault.rule, fault.node) for fault in wrong] == [("half a layer", "last/Conv")]
    assert "half a layer" not in {fault.rule for fault in lint(layer_given_back("b"))}


def test_weights_may_be_shared_with_a_float_layer():
    model = toy.quantized_graph()
    again = helper.make_node("Conv", ["a", "last.weight.dq"], ["unused"], name="again/Conv")
    toy.insert_before(model, "last/Relu", again)
    assert lint(model) == ()


@pytest.mark.parametrize(("transposed", "axis"), [(1, 0), (0, 1)])
def test_the_head_counts_its_channels_by_its_transposition(transposed, axis):
    model = quantized_head(transposed, axis)
    assert [fault.rule for fault in lint(model)] == ["confidence"]  # its logits, and nothing else
    toy.node(model, "hw/DequantizeLinear").attribute[0].i = 1 - axis
    assert "weights" in {fault.rule for fault in lint(model)}


def quantized_head(transposed, axis):
    model = toy.quantized_graph()
    toy.put(model, "hw.int8", np.ones((4, 8) if transposed else (8, 4), np.int8))
    toy.put(model, "hw.scale", np.full(4, 0.01, np.float32))
    weights = helper.make_node(
        "DequantizeLinear",
        ["hw.int8", "hw.scale"],
        ["hw.dq"],
        name="hw/DequantizeLinear",
        axis=axis,
    )
    toy.insert_before(model, "head/Gemm", *toy.pair("features", "gated.scale"), weights)
    head = toy.node(model, "head/Gemm")
    head.input[:2] = ["features.dq", "hw.dq"]
    head.attribute[0].i = transposed
    pair_in_front_of("Div_2", "logits")(model)
    return model


def test_check_counts_all_and_shows_three():
    model = toy.quantized_graph()
    for name in ("ground", "gated", "b"):
        toy.put(model, f"{name}.scale", np.array([0.03], np.float32))
        toy.put(model, f"{name}.scale", np.array([0.03], np.float32))
    with pytest.raises(GateError) as caught:
        check(model, "toy.int8.onnx")
    text = str(caught.value)
    assert "toy.int8.onnx" in text
    assert f"{len(lint(model))} faults" in text
    assert text.count("scale shape at ") == 3
    assert "wanted a scalar" in text
    assert caught.value.exit_code == 3


def test_check_is_silent_on_a_good_graph():
    check(toy.quantized_graph(), "toy.int8.onnx")


NAMES = sorted(n.name for n in toy.quantized_graph().graph.node)
TENSORS = sorted(
    {name for n in toy.quantized_graph().graph.node for name in (*n.input, *n.output)} | {""}
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 2), st.sampled_from(TENSORS)), max_size=4
    ),
    st.sets(st.sampled_from(TENSORS), max_size=3),
    st.sets(st.sampled_from(NAMES), max_size=3),
)
def test_never_raises_however_the_graph_is_wired(rewired, missing, cut_off):
    model = toy.quantized_graph()
    for name in cut_off:
        del toy.node(model, name).input[:]
    for name, place, tensor in rewired:
        inputs = toy.node(model, name).input
        inputs[:] = [*inputs[:place], tensor, *inputs[place + 1 :]]
    for tensor in list(model.graph.initializer):
        if tensor.name in missing:
            model.graph.initializer.remove(tensor)
    assert all(fault.found and fault.wanted for fault in lint(model))


def test_ends_on_a_graph_that_runs_in_a_circle():
    model = toy.quantized_graph()
    only_data(model)
    toy.insert_before(
        model, "ground/QuantizeLinear", helper.make_node("Relu", ["round"], ["round"])
    )
    toy.node(model, "ground/QuantizeLinear").input[0] = "round"
    assert {"soundness", "half a layer"} <= {fault.rule for fault in lint(model)}


def test_never_raises_on_an_empty_model():
    assert {fault.rule for fault in lint(onnx.ModelProto())} >= {"opset", "domain"}
