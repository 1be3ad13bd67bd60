import pytest
import torch
import torch.nn.functional as F

from leukoscope.models.cross_layer import (
    CrossLayerFusion,
    EfficientChannelAttention,
    LateralProjection,
    resize,
)

CHANNELS, GRIDS = (8, 12, 16, 24), (16, 8, 4, 2)


def levels(requires_grad=False):
    torch.manual_seed(0)
    return [
        torch.randn(2, c, g, g, requires_grad=requires_grad)
        for c, g in zip(CHANNELS, GRIDS, strict=True)
    ]


def test_resize_down_is_the_mean_and_up_is_bilinear():
    x = torch.rand(1, 2, 8, 8)
    torch.testing.assert_close(resize(x, 4)[0, 0, 0, 0], x[0, 0, :2, :2].mean())
    expected = F.interpolate(x, size=(16, 16), mode="bilinear", align_corners=False)
    torch.testing.assert_close(resize(x, 16), expected)
    assert resize(x, 8) is x


@torch.no_grad()
def test_fused_levels_keep_their_grids_and_are_not_negative():
    fused = CrossLayerFusion(CHANNELS, 32, GRIDS, 8)(levels())
    assert [tuple(x.shape) for x in fused] == [(2, 32, g, g) for g in GRIDS]
    assert all(x.min() >= 0 for x in fused)


@pytest.mark.parametrize("level", range(4))
def test_every_level_sees_all_the_others(level):
    maps = levels(requires_grad=True)
    fusion = CrossLayerFusion(CHANNELS, 32, GRIDS, 8).eval()
    fusion(maps)[level].sum().backward()
    assert all(x.grad.abs().sum() > 0 for x in maps)


@pytest.mark.parametrize("level", range(4))
def test_switched_off_each_level_sees_itself_alone(level):
    maps = levels(requires_grad=True)
    lateral = LateralProjection(CHANNELS, 32)
    y = lateral(maps)[level]
    assert y.shape == (2, 32, GRIDS[level], GRIDS[level])
    y.sum().backward()
    assert [x.grad is not None for x in maps] == [i == level for i in range(4)]


@torch.no_grad()
def test_the_mixing_is_residual():
    fusion = CrossLayerFusion(CHANNELS, 32, GRIDS, 8).eval()
    level = fusion.levels[2]
    before = sum(level._link(link, x) for link, x in zip(level.links, levels(), strict=True)).relu()
    torch.nn.init.zeros_(level.mix[2][1].weight)
    torch.testing.assert_close(fusion(levels())[2], before)


def test_mixing_is_grouped():
    fusion = CrossLayerFusion(CHANNELS, 32, GRIDS, 8)
    assert all(level.mix[0][0].groups == 8 for level in fusion.levels)


@pytest.mark.parametrize(("channels", "size"), [(8, 3), (32, 3), (64, 3), (128, 5), (256, 5)])
def test_reach_of_channel_attention_follows_the_paper(channels, size):
    """k = |log2(C) / 2 + 1 / 2|, made odd (Wang et al. 2020, eq. 12)."""
    assert EfficientChannelAttention(channels).conv.kernel_size == (size,)


def test_channel_attention_weighs_each_channel_by_its_neighbours_means():
    attention = EfficientChannelAttention(8)
    x = torch.rand(2, 8, 4, 4)
    means = F.pad(x.mean((2, 3)), (1, 1))
    kernel = attention.conv.weight[0, 0]
    weights = torch.stack([(means[:, i : i + 3] * kernel).sum(1) for i in range(8)], 1).sigmoid()
    torch.testing.assert_close(attention(x), x * weights[:, :, None, None])
