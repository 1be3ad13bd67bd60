import numpy as np
import pytest
import torch
from measure.randomised import cascade, cuts, layers_from_head, maps_of, randomise

from leukoscope.models.sizes import build_network


@pytest.fixture
def network():
    torch.manual_seed(3)
    network = build_network("xincept_all", "nano", input_px=96).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network


@pytest.fixture
def frames():
    return np.random.default_rng(1).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8)


def test_layers_come_from_the_head_downwards(network, frames):
    layers = layers_from_head(network, frames)
    assert layers[0] == "head"
    assert layers[1].startswith("join")
    owners = {n for n, m in network.named_modules() if list(m.parameters(recurse=False))}
    assert set(layers) == owners


def test_only_the_named_layers_become_those_of_an_untrained_network(network, frames):
    before = {k: v.clone() for k, v in network.state_dict().items()}
    randomise(network, ["head"], seed=5)
    changed = {k for k, v in network.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"head.weight", "head.bias"}
    randomise(network, layers_from_head(network, frames), seed=5)
    torch.manual_seed(5)
    fresh = build_network("xincept_all", "nano", input_px=96).state_dict()
    assert all(torch.equal(v, fresh[k]) for k, v in network.state_dict().items())


def test_stages_go_from_one_layer_to_all():
    assert cuts(300)[0] == 1
    assert cuts(300)[-1] == 300
    assert cuts(300) == sorted(set(cuts(300)))
    assert cuts(1) == [1]


def test_the_class_that_is_shown_stays_that_of_the_original(network, frames):
    maps, classes = maps_of(network, frames)
    assert maps.shape == (3, 6, 6)
    again, same = maps_of(network, frames, (classes + 1) % 4)
    assert not np.array_equal(maps, again)
    assert np.array_equal(same, (classes + 1) % 4)


def test_a_cascade_tells_other_images_then_every_stage(network, frames):
    found = cascade(network, frames, seed=5)
    assert found[0].layers == 0
    assert [one.layers for one in found[1:]] == cuts(found[-1].layers)
    assert all(-1 <= one.spearman <= 1 and -1 <= one.ssim <= 1 for one in found)
