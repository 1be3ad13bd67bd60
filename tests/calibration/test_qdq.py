import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import numpy_helper
from small_network import inputs, network, outputs_of, ranges_of

from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.lint import lint
from leukoscope.calibration.qdq import GREATEST, activation_scale, quantize, quantized_weights


def quantized(without=(), seed=1):
    model = network(seed)
    layers = [layer for layer in find_layers(model) if layer.name not in without]
    return model, quantize(model, layers, ranges_of(model, inputs()))


def test_it_is_a_sound_graph_that_keeps_tensorrts_rules():
    _, int8 = quantized()
    onnx.checker.check_model(int8, full_check=True)
    assert [fault for fault in lint(int8) if fault.rule != "port"] == []


def test_its_outputs_are_near_and_not_equal():
    model, int8 = quantized()
    mine, theirs = outputs_of(model, inputs()), outputs_of(int8, inputs())
    for name, array in mine.items():
        error = np.abs(array - theirs[name]).max() / np.abs(array).max()
        assert 0 < error < 0.06, name


def test_a_float_model_is_left_as_it_was():
    model = network()
    before = model.SerializeToString()
    quantize(model, find_layers(model), ranges_of(model, inputs()))
    assert model.SerializeToString() == before


def test_returned_layers_keep_float_weights_and_no_layer_at_all_is_the_float_graph():
    model, int8 = quantized(without=("deep/Conv",))
    names = {tensor.name for tensor in int8.graph.initializer}
    assert "deep.weight" in names and "deep.weight.int8" not in names
    assert "first.weight" not in names and "first.weight.int8" in names
    _, none = quantized(without=[layer.name for layer in find_layers(model)])
    np.testing.assert_array_equal(
        outputs_of(none, inputs())["cams"], outputs_of(model, inputs())["cams"]
    )


def test_weights_are_stored_once_in_a_quarter_of_the_bytes():
    model, int8 = quantized()

    def stored(one, ending):
        tensors = [t for t in one.graph.initializer if t.name.endswith(ending)]
        return sum(
            numpy_helper.to_array(t).nbytes
            for t in tensors
            if t.name.split("/")[0] not in ("saliency", "squeeze")
        )

    kept = ("squeeze.weight", "head.weight", "saliency/prior.weight")
    floats = [t for t in int8.graph.initializer if t.name.endswith(".weight")]
    assert sorted(t.name for t in floats) == sorted(kept)
    assert stored(int8, ".weight.int8") * 4 == sum(
        numpy_helper.to_array(t).nbytes
        for t in model.graph.initializer
        if t.name.endswith(".weight") and t.name not in kept
    )


def test_one_zero_point_for_all_and_scalar_scales():
    _, int8 = quantized()
    constants = {t.name: t for t in int8.graph.initializer}
    for node in int8.graph.node:
        if node.op_type == "QuantizeLinear":
            assert node.input[2] == "int8_zero"
            assert list(constants[node.input[1]].dims) == []
    assert numpy_helper.to_array(constants["int8_zero"]).tolist() == 0


def test_a_tensor_without_a_range_is_named():
    model = network()
    with pytest.raises(KeyError, match="joined"):
        ranges = ranges_of(model, inputs())
        quantize(model, find_layers(model), {k: v for k, v in ranges.items() if k != "joined"})


@given(arrays(np.float32, (3, 2, 2, 2), elements=st.floats(-8, 8, width=32)))
def test_a_weight_is_off_by_half_a_step_at_most(weights):
    steps, scales = quantized_weights(weights)
    assert steps.dtype == np.int8 and steps.min() >= -GREATEST
    back = steps * scales.reshape(-1, 1, 1, 1)
    assert (np.abs(back - weights) <= scales.reshape(-1, 1, 1, 1) * 0.5001).all()


def test_a_channel_of_zeros_stays_zero():
    steps, scales = quantized_weights(np.zeros((2, 1, 1, 1), np.float32))
    assert not steps.any() and (scales > 0).all()
    assert activation_scale(0.0) > 0


def test_a_bias_beside_weights_of_nearly_nothing_still_fits_into_32_bits():
    model = network()
    for tensor in model.graph.initializer:
        if tensor.name in ("deep.weight", "deep.bias"):
            values = numpy_helper.to_array(tensor).copy()
            values[0] = 1e-9 if tensor.name == "deep.weight" else 50.0
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    ranges = ranges_of(model, inputs())
    int8 = quantize(model, find_layers(model), ranges)
    constants = {t.name: numpy_helper.to_array(t) for t in int8.graph.initializer}
    steps = constants["deep.bias"] / (constants["pooled.scale"] * constants["deep.weight.scale"])
    assert np.abs(steps).max() < 2**31
    mine, theirs = outputs_of(model, inputs())["cams"], outputs_of(int8, inputs())["cams"]
    assert np.abs(mine - theirs).max() < 0.05 * np.abs(mine).max()
