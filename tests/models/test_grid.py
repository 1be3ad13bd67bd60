import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from leukoscope.models.grid import Grid, Resample, interpolation
from leukoscope.models.inception import InceptionTrunk
from leukoscope.models.xception import XceptionTrunk

layers = st.tuples(st.sampled_from([1, 2, 3, 5]), st.sampled_from([1, 2, 3])).flatmap(
    lambda ks: st.tuples(st.just(ks[0]), st.just(ks[1]), st.integers(0, ks[0] // 2))
)


@given(st.integers(40, 90), st.lists(layers, max_size=4))
@settings(max_examples=60, deadline=None)
def test_cells_lie_where_averaging_the_pixels_positions_puts_them(input_px, steps):
    grid = Grid.after(input_px, steps)
    positions = torch.arange(input_px, dtype=torch.float64)[None, None] + 0.5
    inside = torch.ones_like(positions)
    for kernel, stride, padding in steps:
        if (positions.shape[2] + 2 * padding) < kernel:
            return
        positions = F.avg_pool1d(positions, kernel, stride, padding)
        inside = F.avg_pool1d(inside, kernel, stride, padding)
    whole = inside > 1 - 1e-9  # cells into which no padding has leaked
    assert grid.cells == positions.shape[2]
    assert torch.allclose(grid.centres_px()[whole[0, 0]], positions[whole], atol=1e-9)


@pytest.mark.parametrize(("px", "stride", "cells"), [(299, 16, 19), (299, 32, 10), (224, 16, 14)])
def test_the_even_grid_covers_the_square(px, stride, cells):
    grid = Grid.even(px, stride)
    centres = grid.centres_px()
    assert grid.cells == cells
    assert centres[0] == pytest.approx(px - centres[-1])
    assert centres[1] - centres[0] == pytest.approx(px / cells)


@pytest.mark.parametrize("trunk_class", [InceptionTrunk, XceptionTrunk])
@pytest.mark.parametrize("depth", ["middle", "last"])
def test_the_trunks_cells_lie_where_their_steps_say(trunk_class, depth):
    """A trunk made linear and positive, shown a ramp and a constant, tells where each cell looks on average.

    Only cells that see no border count, hence the long, narrow picture.
    """
    trunk = linear_and_positive(trunk_class(0.0625))
    length, height = 2400, 75
    ramp = torch.arange(length, dtype=torch.float64).expand(1, 3, height, length) + 0.5
    with torch.no_grad():
        seen, weight, flat = (
            trunk(x)[depth == "last"].mean((0, 1, 2))
            for x in (ramp, torch.ones_like(ramp), away_from_ends(ramp))
        )
    inner = flat == 0
    grid = Grid.after(length, trunk.steps[depth])
    assert seen.shape == (grid.cells,)
    assert inner.sum() > 5
    assert torch.allclose((seen / weight)[inner], grid.centres_px()[inner], atol=1e-6)


def away_from_ends(ramp):
    """One where the picture's ends are, nought elsewhere: what a cell sees of it, it sees of the border."""
    length = ramp.shape[-1]
    ends = (ramp < 64) | (ramp > length - 64)
    return ends.to(ramp)


def linear_and_positive(trunk):
    trunk = trunk.double().eval()
    for module in trunk.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 1)
    swap_pools(trunk)
    return trunk


def swap_pools(module):
    for name, child in module.named_children():
        if isinstance(child, nn.MaxPool2d):
            setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
        swap_pools(child)


grids = st.builds(Grid, st.integers(1, 20), st.floats(-5, 30), st.floats(1, 40, exclude_min=True))


@given(grids, grids)
@settings(max_examples=80, deadline=None)
def test_interpolation_averages_and_keeps_straight_lines(source, target):
    weights = interpolation(source, target).double()
    assert weights.shape == (source.cells, target.cells)
    assert (weights >= 0).all()
    assert torch.allclose(weights.sum(0), torch.ones(target.cells, dtype=torch.float64), atol=1e-6)
    first, last = source.centres_px()[[0, -1]]
    line = source.centres_px() @ weights
    assert torch.allclose(line, target.centres_px().clamp(first, last), atol=1e-3)


def test_resampling_between_even_grids_is_pytorchs_bilinear():
    x = torch.rand(2, 3, 10, 10)
    ours = Resample(Grid.even(299, 32), Grid.even(299, 16))(x)
    assert torch.allclose(ours, F.interpolate(x, (19, 19), mode="bilinear"), atol=1e-6)


def test_rows_and_columns_stay_apart():
    x = torch.zeros(1, 1, 4, 4)
    x[..., 0, 3] = 1
    out = Resample(Grid.even(8, 2), Grid.even(8, 1))(x)
    assert out[0, 0, 0, -1] == 1
    assert out[0, 0, -1, 0] == 0


def test_resampling_weights_are_not_part_of_a_checkpoint():
    assert not Resample(Grid.even(8, 2), Grid.even(8, 1)).state_dict()
