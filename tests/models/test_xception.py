import pytest
import torch

from leukoscope.models.grid import Grid
from leukoscope.models.xception import XceptionTrunk


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def test_parameters_at_width_one_are_those_of_the_paper():
    """22 855 952 of the published network less 2 049 000 of its classifier."""
    assert parameters(XceptionTrunk()) == 22_855_952 - 2_049_000


@pytest.mark.parametrize("input_px", [75, 76, 128, 224, 299])
@pytest.mark.parametrize("width", [0.125, 0.25])
def test_maps(input_px, width):
    trunk = XceptionTrunk(width).eval()
    with torch.no_grad():
        maps = trunk(torch.rand(2, 3, input_px, input_px) * 2 - 1)
    for map_, depth in zip(maps, ("middle", "last"), strict=True):
        cells = Grid.after(input_px, trunk.steps[depth]).cells
        assert map_.shape == (2, trunk.channels[depth], cells, cells)
        assert map_.min() >= 0
        assert map_.max() > 0
        assert map_.isfinite().all()


def test_channels_at_width_one():
    assert XceptionTrunk().channels == {"middle": 728, "last": 2048}


def test_every_layer_reaches_the_last_map():
    trunk = XceptionTrunk(0.125).train()
    sum(map_.square().sum() for map_ in trunk(torch.rand(2, 3, 96, 96))).backward()
    idle = [name for name, p in trunk.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle


def test_the_middle_map_does_not_disturb_the_way_on():
    """The block behind the middle map starts from the sum before its ReLU, negative values included."""
    trunk = XceptionTrunk(0.125).eval()
    x = torch.rand(1, 3, 96, 96)
    with torch.no_grad():
        summed = trunk.middle(trunk.entry(trunk.stem(x)))
        middle, last = trunk(x)
        assert (summed < 0).any()
        assert torch.equal(middle, summed.relu())
        assert torch.equal(last, trunk.final(trunk.reduce(summed)))
