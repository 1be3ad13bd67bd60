import numpy as np
import onnx
import pytest

from leukoscope.calibration.deviation import Deviation, Reference


@pytest.fixture(scope="module")
def model(ready_bundle):
    return onnx.load(ready_bundle / "xincept_all.fp32.onnx")


@pytest.fixture(scope="module")
def reference(model):
    squares = np.random.default_rng(1).integers(100, 255, (3, 192, 192, 3), np.uint8)
    return Reference("xincept_all", model, squares, 1)


def scaled(model, tensor, factor):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for constant in copy.graph.initializer:
        if constant.name == tensor:
            array = onnx.numpy_helper.to_array(constant) * np.float32(factor)
            constant.CopyFrom(onnx.numpy_helper.from_array(array, tensor))
    return copy


def test_the_model_does_not_deviate_from_itself(model, reference):
    assert reference.deviation(model) == Deviation(0.0, pytest.approx(0.0, abs=1e-12))


def test_the_worst_output_counts_as_a_share_of_itself(model, reference):
    twice = scaled(model, "join.conv.weight", 2)
    twice = scaled(twice, "join.conv.bias", 2)
    found = reference.deviation(twice)
    assert found.output == pytest.approx(1.0, abs=1e-3)
    assert found.cam == pytest.approx(0.0, abs=1e-6)


def test_maps_that_move_count_apart(model, reference):
    found = reference.deviation(scaled(model, "fuse_last.mix.conv.weight", -1))
    assert found.cam > 0.01 and found.harm == found.output + found.cam
