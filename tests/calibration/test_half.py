"""FP16 by explicit casts: what goes to half, what stays, and how near it stays to the float graph."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).parent))

import toy_graphs as toy

from leukoscope.bundle.onnx_wire import check_graph
from leukoscope.bundle.read import open_bundle
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.half import half_risks, to_half
from leukoscope.calibration.half_blocks import fits
from leukoscope.calibration.half_scales import LEAST_SCALE, half_scales, moved_codes
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.lint import lint
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import greatest_of
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.metrics.maps import rank_agreement

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
FLOAT_TENSORS = ["images", "lifted", "density", "ground", "prior", "sigmoid"]
FLOAT_TENSORS += ["features", "logits", "scaled", "flattened", "evidence", "positive"]
HALF_TENSORS = ["stem", "a", "gated", "mix", "sum", "b", "last", "target"]


def types(model):
    graph = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    stored = {tensor.name: tensor.data_type for tensor in graph.initializer}
    return stored | {value.name: value.type.tensor_type.elem_type for value in values}


def run(model, frames, outputs=None):
    ort.set_default_logger_severity(3)
    session = ort.InferenceSession(
        model.SerializeToString(), disabled_optimizers=["WeightBiasQuantization"]
    )
    names = outputs or [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, {"frames": frames}), strict=True))


def scaled_up():
    """The toy with a tensor that is multiplied by 1e8 on the way, in two steps, and a layer that takes it back."""
    model = toy.float_graph()
    toy.put(model, "boost", np.array(1e4, np.float32))
    steps = [("a", "once"), ("once", "twice")]
    boosts = [helper.make_node("Mul", [a, "boost"], [b], name=f"{b}/Mul") for a, b in steps]
    toy.insert_before(model, "gate/Mul", *boosts)
    toy.node(model, "gate/Mul").input[0] = "twice"
    toy.put(model, "mix.weight", toy.array(model, "mix.weight") / np.float32(1e8))
    toy.node(model, "mix/Add").input[1] = "mix"
    return model


def observed(model, frames):
    names = [name for name, kind in types(model).items() if kind == FLOAT]
    computed = {name for n in model.graph.node for name in n.output}
    wanted = [name for name in names if name in computed]
    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    known = {value.name for value in model.graph.output}
    tapped.graph.output.extend(
        helper.make_tensor_value_info(name, FLOAT, None) for name in wanted if name not in known
    )
    return {name: float(np.abs(v).max()) for name, v in run(tapped, frames, wanted).items()}


def test_the_layers_go_to_half_and_the_rest_stays():
    found = types(to_half(toy.float_graph()))
    assert {name: found[name] for name in FLOAT_TENSORS} == dict.fromkeys(FLOAT_TENSORS, FLOAT)
    assert {name: found[name] for name in HALF_TENSORS} == dict.fromkeys(HALF_TENSORS, HALF)
    assert (found["stem.weight"], found["mix.bias"]) == (HALF, HALF)
    assert (found["head.weight"], found["saliency.prior.weight"]) == (FLOAT, FLOAT)


@pytest.mark.parametrize("make", [toy.float_graph, toy.quantized_graph])
def test_ports_keep_their_types_and_the_graph_its_rules(make):
    half = to_half(make())
    assert lint(half) == ()
    facts = check_graph(half.SerializeToString(), "toy.fp16.onnx")
    assert [port.dtype for port in (*facts.inputs, *facts.outputs)] == ["uint8", *["float32"] * 3]


@pytest.mark.parametrize(("make", "apart"), [(toy.float_graph, 0.02), (toy.quantized_graph, 0.1)])
def test_computes_the_same_within_halfs_rounding(make, apart):
    """A value that rounding moves over a threshold of int8 moves by a whole step."""
    model, frames = make(), toy.frames(4)
    ours, theirs = run(model, frames), run(to_half(model), frames)
    assert np.array_equal(ours["saliency"], theirs["saliency"])
    assert np.abs(ours["probabilities"] - theirs["probabilities"]).max() < 2e-3
    assert np.abs(ours["cams"] - theirs["cams"]).max() < apart * ours["cams"].max()
    assert not np.array_equal(ours["probabilities"], theirs["probabilities"])


def test_the_input_model_is_left_as_it_was():
    model = toy.quantized_graph()
    before = model.SerializeToString(deterministic=True)
    to_half(model, ["stem"])
    assert model.SerializeToString(deterministic=True) == before


def test_scales_go_to_half_and_ask_for_opset_19():
    half = to_half(toy.quantized_graph(18))
    found = types(half)
    assert half.opset_import[0].version == 19
    assert {found[name] for name in ("gated.scale", "mix.weight.scale", "mix.weight.dq")} == {HALF}
    assert {found[name] for name in ("gated.q", "mix.weight.int8", "int8_zero")} == {
        TensorProto.INT8
    }


def test_a_graph_without_pairs_keeps_its_opset():
    assert to_half(toy.float_graph(18)).opset_import[0].version == 18


def test_no_value_is_cast_twice():
    half = to_half(toy.quantized_graph())
    casts = [n for n in half.graph.node if n.op_type == "Cast"]
    made = {n.output[0] for n in casts}
    assert not [n.name for n in casts if n.input[0] in made]
    assert len({(n.input[0], n.attribute[0].i) for n in casts}) == len(casts)


def test_a_constant_is_stored_in_the_types_that_are_read():
    model = toy.float_graph()
    shift = helper.make_node("Add", ["last", "tiny"], ["shifted"], name="last/Add")
    toy.insert_before(model, "last/Relu", shift)
    toy.node(model, "last/Relu").input[0] = "shifted"
    found = types(to_half(model))
    assert (found["tiny"], found["tiny.half"]) == (FLOAT, HALF)
    assert "stem.weight.half" not in found


def test_an_output_of_a_half_layer_leaves_in_float32():
    model = toy.float_graph()
    model.graph.output.append(helper.make_tensor_value_info("b", FLOAT, None))
    frames = toy.frames()
    half = to_half(model)
    assert types(half)["b"] == FLOAT
    assert np.allclose(run(model, frames)["b"], run(half, frames)["b"], rtol=0.01, atol=0.01)


def test_what_is_asked_for_stays_in_float32():
    found = types(to_half(toy.float_graph(), keep=["mix"]))
    assert (found["mix"], found["mix.weight"], found["sum"]) == (FLOAT, FLOAT, FLOAT)
    assert (found["a"], found["b"]) == (HALF, HALF)


def test_a_quantized_layer_kept_in_float32_keeps_its_scales():
    half = to_half(toy.quantized_graph(), keep=["mix"])
    found = types(half)
    assert lint(half) == ()
    assert (found["gated.scale"], found["mix.weight.scale"]) == (FLOAT, FLOAT)
    assert (found["b.scale"], found["last.weight.scale"]) == (HALF, HALF)


def with_steep(name):
    model = toy.float_graph()
    weight = toy.array(model, f"{name}.weight").copy()
    weight[0, 0, 0, 0] = 9.0
    toy.put(model, f"{name}.weight", weight)
    return types(to_half(model))


def test_a_steep_first_layer_stays_in_float32():
    found = with_steep("stem")
    assert (found["stem"], found["stem.weight"], found["gated"]) == (FLOAT, FLOAT, HALF)


def test_a_steep_layer_between_half_layers_does_not():
    """TensorRT would make a half layer of it again, and what was measured here would not hold there."""
    found = with_steep("last")
    assert (found["last"], found["last.weight"]) == (HALF, HALF)


@pytest.mark.parametrize("value", [1e5, 1e-6, -3e-5])
def test_a_setting_that_half_does_not_hold_stays_in_float32(value):
    model = toy.float_graph()
    toy.put(model, "setting", np.array(value, np.float32))
    toy.insert_before(
        model, "mix/Relu", helper.make_node("Max", ["sum", "setting"], ["most"], name="mix/Max")
    )
    toy.node(model, "mix/Relu").input[0] = "most"
    assert types(to_half(model))["most"] == FLOAT


def test_fits_knows_halfs_bounds():
    assert fits(np.array([16000.0, -np.inf, 0.0], np.float32))
    assert not fits(np.array(17000.0, np.float32))
    assert not fits(np.array(2.0**-15, np.float32))
    assert fits(np.full(64, 2.0**-20, np.float32))  # weights may vanish


def test_a_coarse_scale_of_data_keeps_the_layer_in_float32():
    model = toy.quantized_graph()
    toy.put(model, "b.scale", np.array(1e-6, np.float32))
    half = to_half(model)
    found = types(half)
    assert lint(half) == ()
    assert (found["b.scale"], found["last"], found["mix"]) == (FLOAT, FLOAT, HALF)
    assert toy.array(half, "b.scale") == np.float32(1e-6)


def test_great_values_overflow_and_are_named_and_kept():
    model, frames = scaled_up(), toy.frames()
    risks = half_risks(model, observed(model, frames))
    assert {"twice", "gated"} <= set(risks) <= {"once", "twice", "gated"}
    ours, plain, kept = (run(m, frames) for m in (model, to_half(model), to_half(model, risks)))
    assert not np.allclose(ours["probabilities"], plain["probabilities"], atol=0.02)
    assert np.abs(ours["probabilities"] - kept["probabilities"]).max() < 2e-3


def test_risks_are_those_without_headroom():
    model = toy.float_graph()
    least, most = 65504 / 4, np.nextafter(65504 / 4, np.inf)
    assert half_risks(model, {"stem": least, "density": 1e9, "unknown": 1e9}) == ()
    assert half_risks(model, {"b": most, "stem": most}) == ("stem", "b")
    assert half_risks(model, {"b": float("nan"), "mix": float("inf")}) == ("mix", "b")


EXPONENTS = arrays.arrays(np.float64, 4, elements=st.floats(-27, 6))
CODES = arrays.arrays(np.int8, (4, 6), elements=st.integers(-127, 127))


@settings(max_examples=200, deadline=None)
@given(EXPONENTS, CODES)
def test_no_weight_moves_by_more_than_its_step(exponents, codes):
    old = (2.0**exponents).astype(np.float32)
    new = half_scales(old)
    assert np.array_equal(new, new.astype(np.float16).astype(np.float32))
    assert (new >= LEAST_SCALE).all()
    moved = moved_codes(codes, old, new, 0)
    before, after = (
        c.astype(float) * s.astype(float)[:, None] for c, s in ((codes, old), (moved, new))
    )
    assert (np.abs(before - after) <= 0.51 * new[:, None]).all()


def test_a_dead_channel_and_a_faint_one_keep_their_meaning():
    model = toy.quantized_graph()
    codes, scale = (toy.array(model, f"mix.weight.{part}").copy() for part in ("int8", "scale"))
    codes[0], scale[0], scale[1] = 0, 8e-9, 1e-6
    toy.put(model, "mix.weight.int8", codes)
    toy.put(model, "mix.weight.scale", scale)
    half = to_half(model)
    assert lint(half) == ()
    assert (toy.array(half, "mix.weight.scale") > 0).all()
    assert (toy.array(half, "mix.weight.int8")[0] == 0).all()
    meant = codes[1] * scale[1]
    means = toy.array(half, "mix.weight.int8")[1] * np.float32(
        toy.array(half, "mix.weight.scale")[1]
    )
    assert np.abs(meant - means).max() < 4e-6


@pytest.mark.parametrize("name", ["xincept_all", "sg_cldff"])
def test_the_shipped_graphs_agree_with_themselves_in_half(ready_bundle, name):
    bundle = open_bundle(ready_bundle)
    model = onnx.load(bundle.root / f"{name}.fp32.onnx")
    half = to_half(model)
    assert lint(half) == ()
    check_graph(half.SerializeToString(), f"{name}.fp16.onnx")
    assert half.ByteSize() < 0.56 * model.ByteSize()
    with np.load(bundle.root / "golden.npz") as golden:
        frames = golden[f"{name}/frames"]
    ours, theirs = run(model, frames), run(half, frames)
    votes = ours["probabilities"].argmax(1)
    assert np.array_equal(votes, theirs["probabilities"].argmax(1))
    assert np.abs(ours["probabilities"] - theirs["probabilities"]).max() < 5e-3
    for a, b, vote in zip(ours["cams"], theirs["cams"], votes, strict=True):
        assert rank_agreement(a[vote], b[vote]) > 0.99
    if "mask" in ours:
        assert (ours["mask"].argmax(1) == theirs["mask"].argmax(1)).mean() > 0.999
        assert np.array_equal(ours["saliency"], theirs["saliency"])


@pytest.mark.parametrize("name", ["xincept_all", "sg_cldff"])
def test_the_shipped_networks_in_int8_and_half_run_as_the_runtime_opens_them(ready_bundle, name):
    """Left to itself, ONNX Runtime refused the one and made noise of the other."""
    bundle = open_bundle(ready_bundle)
    data, frames = bundle.graph(name, "fp32"), bundle.golden()[f"{name}/frames"]
    model = onnx.load_model_from_string(data)
    layers = find_layers(model)
    tensors = place(index_graph(model.graph), layers).tensors
    ranges = greatest_of(model, tensors, frames, 1)
    half = to_half(quantize(model, layers, ranges)).SerializeToString()
    mine = open_onnxruntime(data, "fp32", "fp32", backend=CPU, threads=1).infer(frames)
    theirs = open_onnxruntime(half, "half", "int8_fp16", backend=CPU, threads=1).infer(frames)
    assert np.abs(mine["probabilities"] - theirs["probabilities"]).max() < 0.02
    for index, voted in enumerate(mine["probabilities"].argmax(axis=1)):
        assert rank_agreement(mine["cams"][index, voted], theirs["cams"][index, voted]) > 0.9
