import pytest
import torch

from leukoscope.models.grid import Grid
from leukoscope.models.inception import InceptionTrunk


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def test_parameters_at_width_one_are_those_of_the_paper():
    """23 834 568 of the published network less 2 049 000 of its classifier."""
    assert parameters(InceptionTrunk()) == 23_834_568 - 2_049_000


@pytest.mark.parametrize("input_px", [75, 76, 128, 224, 299])
@pytest.mark.parametrize("width", [0.125, 0.25])
def test_maps(input_px, width):
    trunk = InceptionTrunk(width).eval()
    with torch.no_grad():
        maps = trunk(torch.rand(2, 3, input_px, input_px) * 2 - 1)
    for map_, depth in zip(maps, ("middle", "last"), strict=True):
        cells = Grid.after(input_px, trunk.steps[depth]).cells
        assert map_.shape == (2, trunk.channels[depth], cells, cells)
        assert map_.min() >= 0
        assert map_.max() > 0
        assert map_.isfinite().all()


def test_channels_at_width_one():
    assert InceptionTrunk().channels == {"middle": 768, "last": 2048}


def test_every_branch_reaches_the_last_map():
    trunk = InceptionTrunk(0.125).train()
    sum(map_.square().sum() for map_ in trunk(torch.rand(2, 3, 96, 96))).backward()
    idle = [name for name, p in trunk.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle
