import numpy as np
import pytest
from small_network import network

from leukoscope.calibration.deviation import Deviation
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.ranges import BINS, Observed
from leukoscope.calibration.sensitivity import measure, noise_of
from leukoscope.calibration.workspace import Workspace


class CountingReference:
    """Says that a graph deviates by as much as it has int8 weights of a layer's name, and counts the questions."""

    def __init__(self, harms):
        self.harms, self.asked = harms, []

    def deviation(self, model):
        name = next(t.name for t in model.graph.initializer if t.name.endswith(".int8"))
        layer = name.split(".")[0] + "/Conv"
        self.asked.append(layer)
        return Deviation(self.harms[layer], self.harms[layer] / 2)


@pytest.fixture
def toy():
    model = network()
    layers = find_layers(model)
    ranges = {name: 1.0 for node in model.graph.node for name in node.output}
    harms = {layer.name: (at + 1) / 10 for at, layer in enumerate(layers)}
    noise = {layer.name: 1.0 / (at + 1) for at, layer in enumerate(layers)}
    return model, layers, ranges, harms, noise


def test_each_layer_alone_most_harmful_first_and_noisy_ones_measured_first(toy, tmp_path):
    model, layers, ranges, harms, noise = toy
    reference = CountingReference(harms)
    with Workspace(tmp_path / "b") as workspace:
        found = measure(model, layers, noise, ranges, reference, workspace, "k")
    assert reference.asked == [layer.name for layer in layers]
    assert [one.layer for one in found] == [layer.name for layer in reversed(layers)]
    assert found[0].harm == pytest.approx(0.6 * 1.5)


def test_what_was_measured_is_not_measured_again(toy, tmp_path):
    model, layers, ranges, harms, noise = toy
    with Workspace(tmp_path / "b") as workspace:
        first = measure(model, layers[:2], noise, ranges, CountingReference(harms), workspace, "k")
    reference = CountingReference(harms)
    with Workspace(tmp_path / "b") as workspace:
        measure(model, layers, noise, ranges, reference, workspace, "k")
        other = CountingReference(harms)
        measure(model, layers[:1], noise, ranges, other, workspace, "another key")
    assert len(reference.asked) == len(layers) - len(first)
    assert len(other.asked) == 1


def test_the_noise_grows_with_the_range_that_rounding_has_to_cover(toy):
    model, layers, *_ = toy
    counts = np.zeros(BINS, np.int64)
    counts[: BINS // 4] = 10
    observed = Observed({layers[1].data: 1.0}, {layers[1].data: counts})
    tight = noise_of(model, layers[1], observed, {layers[1].data: 0.25})
    loose = noise_of(model, layers[1], observed, {layers[1].data: 1.0})
    assert 0 < tight < loose
