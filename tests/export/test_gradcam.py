import pytest
import torch
from toy_network import ToyNetwork, disturb_norms

from leukoscope.export.gradcam import grad_cams
from leukoscope.export.reference import autograd_evidence
from leukoscope.models.network import to_images


@pytest.fixture(scope="module")
def case():
    torch.manual_seed(5)
    network = ToyNetwork()
    disturb_norms(network)
    network = network.eval().double()
    frames = torch.randint(0, 256, (5, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        target, side = network.encode(to_images(frames).double())
    return network, target, side


def test_equals_autograd_for_every_class(case):
    network, target, side = case
    _, cams = grad_cams(network, target, side)
    wanted = torch.relu(autograd_evidence(network, target, side))
    assert cams.shape == (5, 4, 8, 8)
    assert (wanted.amax((2, 3)) > 0).float().mean() > 0.5
    torch.testing.assert_close(cams, wanted, rtol=1e-10, atol=1e-12)


def test_gives_the_logits_before_the_temperature(case):
    network, target, side = case
    logits, _ = grad_cams(network, target, side)
    torch.testing.assert_close(logits, network.classify(target, side))


def test_a_field_does_not_depend_on_its_neighbours(case):
    network, target, side = case
    _, together = grad_cams(network, target, side)
    _, alone = grad_cams(network, target[2:3], {key: value[2:3] for key, value in side.items()})
    torch.testing.assert_close(together[2:3], alone)


def test_the_map_is_the_rectified_sum_of_weighted_channels():
    """By hand: logits 2 a0 - 3 a1 of mean channels, so weights 2/4 and -3/4 of four places."""
    network = ToyNetwork()
    network.classes = ("one",)
    network.classify = lambda target, side: target.mean((2, 3)) @ torch.tensor([[2.0], [-3.0]])
    target = torch.tensor([[[[4.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 2.0]]]])
    logits, cams = grad_cams(network, target, {})
    assert logits.tolist() == [[2 * 5 / 4 - 3 * 4 / 4]]
    assert cams.tolist() == [[[[(2 * 4 - 3) / 4, 0], [0, 0]]]]
