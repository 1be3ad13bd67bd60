"""The shipped networks in INT8, compiled by TensorRT-RTX: its listing says what is computed in which type."""

import sys
from pathlib import Path

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rtx import compile_listing, tensorrt_rtx, types_by_node  # noqa: F401

from leukoscope.bundle.read import open_bundle
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.half import to_half
from leukoscope.calibration.layers import find_layers, share_of_work
from leukoscope.calibration.lint import check
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import observe, ranges_by

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("tensorrt_rtx")]


@pytest.fixture(scope="module", params=["xincept_all", "sg_cldff"])
def quantized(request, ready_bundle):
    bundle = open_bundle(ready_bundle)
    model = onnx.load_model_from_string(bundle.graph(request.param, "fp32"))
    layers = find_layers(model)
    frames = bundle.golden()[f"{request.param}/frames"]
    observed = observe(model, place(index_graph(model.graph), layers).tensors, frames)
    return request.param, layers, model, ranges_by("min-max", observed)


def int8_share(model, layers):
    found = types_by_node(compile_listing(model.SerializeToString()))
    int8 = [layer.name for layer in layers if found.get(layer.name) == ("Int8", "Int8")]
    return share_of_work(layers, int8), found


def test_nine_tenths_of_the_work_is_int8(quantized):
    name, layers, model, ranges = quantized
    int8 = quantize(model, layers, ranges)
    check(int8, name)
    share, found = int8_share(int8, layers)
    assert share >= 0.9
    assert not any("Int8" in found[node] for node in found if node.startswith("gradcam/"))


def test_layers_given_back_are_float_and_the_others_stay_int8(quantized):
    name, layers, model, ranges = quantized
    returned = {layer.name for layer in layers[3:8]}
    kept = [layer for layer in layers if layer.name not in returned]
    int8 = quantize(model, kept, ranges)
    check(int8, name)
    _, found = int8_share(int8, layers)
    assert {found[layer] for layer in returned} == {("Float", "Float")}
    assert all(found[layer.name] == ("Int8", "Int8") for layer in kept)


def test_with_the_rest_in_half_the_work_stays_int8(quantized):
    name, layers, model, ranges = quantized
    half = to_half(quantize(model, layers, ranges))
    check(half, name)
    share, _ = int8_share(half, layers)
    assert share >= 0.9
