import pytest
from small_network import network

from leukoscope.calibration.layers import find_layers, share_of_work


def test_convolutions_with_their_activations_but_not_what_is_left_alone_or_a_single_position():
    found = {layer.name: layer for layer in find_layers(network())}
    assert list(found) == [
        "first/Conv",
        "left/Conv",
        "right/Conv",
        "wide/Conv",
        "deep/Conv",
        "last/Conv",
    ]
    assert found["left/Conv"].output == "l" and found["left/Conv"].data == "a"
    assert found["deep/Conv"].output == "deep.out"


def test_multiply_adds_are_counted_by_hand():
    found = {layer.name: layer.multiply_adds for layer in find_layers(network())}
    assert found["first/Conv"] == 16 * 16 * 8 * 3 * 9
    assert found["last/Conv"] == 8 * 8 * 8 * 8


def test_weights_that_are_computed_are_no_layer():
    model = network()
    model.graph.node[1].input[1] = "image"
    assert "first/Conv" not in {layer.name for layer in find_layers(model)}


def test_share_of_work():
    layers = find_layers(network())
    names = [layer.name for layer in layers]
    assert share_of_work(layers, names) == 1.0
    assert share_of_work(layers, []) == 0.0
    total = sum(layer.multiply_adds for layer in layers)
    assert share_of_work(layers, ["last/Conv"]) == pytest.approx(4096 / total)
    assert share_of_work([], names) == 0.0


def test_the_shipped_networks_work_is_in_its_layers(ready_bundle):
    import onnx

    model = onnx.load(ready_bundle / "xincept_all.fp32.onnx")
    layers = find_layers(model)
    assert len(layers) > 150 and all(layer.multiply_adds > 0 for layer in layers)
    assert not any(layer.name.startswith("gradcam/") for layer in layers)
