"""Graphs that TensorRT-RTX does not take, or would take wrongly, and what we say of them."""

import numpy as np
import pytest
import toy_graphs as toy
from onnx import TensorProto, helper
from rtx import refusal

from leukoscope.calibration.half import to_half

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("tensorrt_rtx")]


def unknown_operator():
    model = toy.float_graph()
    node = toy.node(model, "Squeeze")
    node.op_type, node.name = "SqueezeMore", "saliency/SqueezeMore"
    return model


def unsupported_operator():
    model = toy.float_graph()
    toy.insert_before(model, "Cast", helper.make_node("Det", ["frames"], ["det"], name="first/Det"))
    return model


def text():
    model = toy.float_graph()
    cast = helper.make_node("Cast", ["frames"], ["text"], name="text/Cast", to=TensorProto.STRING)
    toy.insert_before(model, "Cast", cast)
    return model


def zero_point():
    model = toy.quantized_graph()
    toy.put(model, "five", np.array(5, np.int8))
    for name in ("gated/QuantizeLinear", "gated/DequantizeLinear"):
        toy.node(model, name).input[2] = "five"
    return model


def zero_scale():
    model = toy.quantized_graph()
    toy.put(model, "gated.scale", np.array(0, np.float32))
    return model


def mixed_types():
    model = to_half(toy.float_graph())
    toy.put(model, "mix.weight", np.zeros((8, 8, 3, 3), np.float32))
    return model


def dangling():
    model = toy.float_graph()
    toy.node(model, "mix/Conv").input[0] = "nowhere"
    return model


def wrong_weights():
    model = toy.float_graph()
    toy.put(model, "mix.weight", np.zeros((8, 7, 3, 3), np.float32))
    return model


BROKEN = [
    (unknown_operator, ["saliency/SqueezeMore (SqueezeMore)", "knows no such operator"]),
    (unsupported_operator, ["first/Det (Det)", "does not have this operator"]),
    (text, ["text/Cast (Cast)", "data type that TensorRT does not have"]),
    (zero_point, ["gated/QuantizeLinear", "zero point is not 0", "leukoscope calibrate"]),
    (zero_scale, ["gated/QuantizeLinear", "scale is zero or negative", "leukoscope calibrate"]),
    (mixed_types, ["mix/Conv (Conv)", "mixes types"]),
    (dangling, ["mix/Conv (Conv)", "reads a tensor that nothing before it makes"]),
    (wrong_weights, ["mix/Conv (Conv)", "do not fit together", "leukoscope export"]),
]


@pytest.mark.parametrize(("broken", "words"), BROKEN, ids=lambda x: getattr(x, "__name__", ""))
def test_names_node_operator_reason_and_next_step(broken, words):
    found = refusal(broken().SerializeToString())
    assert found.startswith("InputError: TensorRT-RTX")
    assert "graph.onnx" in found
    assert [word for word in words if word not in found] == []
    assert "\n" not in found and ".cpp" not in found


def test_a_file_that_is_cut_short():
    data = toy.float_graph().SerializeToString()
    assert "cut short; copy the bundle again" in refusal(data[: len(data) // 2])


def test_a_vector_scale_is_found_because_the_builder_says_nothing():
    model = toy.quantized_graph()
    toy.put(model, "gated.scale", np.array([0.03], np.float32))
    data = model.SerializeToString()
    found = refusal(data, look=True)
    assert "QuantizeLinear on gated has a scale of shape [1]" in found
    assert "silently computes in float" in found and "leukoscope calibrate" in found


def test_a_batch_that_the_graph_does_not_have():
    model = toy.float_graph()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    data = model.SerializeToString()
    assert refusal(data) == "UsageError: graph.onnx takes 1 frames at a time; --batch 1"


def test_an_int8_fp16_graph_that_is_refused_is_offered_in_half():
    data = unsupported_operator().SerializeToString()
    assert refusal(data, precision="int8_fp16").endswith("or build with --precision fp16")


def test_a_missing_profile():
    found = refusal(toy.float_graph().SerializeToString(), profile=False)
    assert "the graph takes any batch size, and no profile says which" in found
    assert found.endswith("give --batch 1,8")
