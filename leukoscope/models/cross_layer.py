"""Cross-layer fusion after ResNeXt-CC (Scientific Reports 14, 2024): every level sees all the others.

           level 4   level 8   level 16   level 32
              |         |          |         |           1x1 and norm each, pooled down or
              +---------+----+-----+---------+           interpolated up to this level's grid
                              | sum, ReLU
                    grouped 3x3, ReLU, 1x1, ECA          (a ResNeXt block)
                              + residual, ReLU

once for each level. Only ResNeXt-CC's abstract was at hand (cross-layer deep-feature fusion, grouped
convolutions of ResNeXt, ECA); the layout is our choice.
"""

import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from leukoscope.models.mbconv import conv_norm


def resize(x: Tensor, grid: int) -> Tensor:
    """[B, C, g, g] -> [B, C, grid, grid] by a whole factor: means downwards, bilinear by half pixels upwards."""
    side = x.shape[2]
    if side == grid:
        return x
    if side > grid:
        return F.avg_pool2d(x, side // grid)
    return F.interpolate(x, scale_factor=grid // side, mode="bilinear", align_corners=False)


class EfficientChannelAttention(nn.Module):
    """ECA (Wang et al. 2020, arXiv 1910.03151): a short convolution over the channel means gives channel weights."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        reach = int(abs(math.log2(channels) / 2 + 0.5))
        size = reach if reach % 2 else reach + 1
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.conv(x.mean((2, 3)).unsqueeze(1)).sigmoid()
        return x * weights.squeeze(1).unsqueeze(2).unsqueeze(3)


class CrossLevel(nn.Module):
    """One level of the fusion: all levels in, [B, fused, grid, grid] out, non-negative.

    Channels are changed on the coarser of the two grids, where it is cheaper; the order does not matter
    to the sum.
    """

    def __init__(self, channels: Sequence[int], fused: int, grid: int, groups: int) -> None:
        super().__init__()
        self.grid = grid
        self.links = nn.ModuleList(conv_norm(c, fused) for c in channels)
        self.act = nn.ReLU()
        self.mix = nn.Sequential(
            conv_norm(fused, fused, 3, groups=groups),
            nn.ReLU(),
            conv_norm(fused, fused),
            EfficientChannelAttention(fused),
        )

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        seen = [self._link(link, x) for link, x in zip(self.links, levels, strict=True)]
        x = self.act(sum(seen[1:], seen[0]))
        y: Tensor = self.act(x + self.mix(x))
        return y

    def _link(self, link: nn.Module, x: Tensor) -> Tensor:
        if x.shape[2] > self.grid:
            y: Tensor = link(resize(x, self.grid))
            return y
        return resize(link(x), self.grid)


class CrossLayerFusion(nn.Module):
    """Levels of `channels`, on square `grids`, -> as many levels of `fused` channels on the same grids."""

    def __init__(
        self, channels: Sequence[int], fused: int, grids: Sequence[int], groups: int
    ) -> None:
        super().__init__()
        self.levels = nn.ModuleList(CrossLevel(channels, fused, grid, groups) for grid in grids)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        return [level(levels) for level in self.levels]


class LateralProjection(nn.Module):
    """What stands in for the fusion when it is switched off: each level is projected alone."""

    def __init__(self, channels: Sequence[int], fused: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(nn.Sequential(conv_norm(c, fused), nn.ReLU()) for c in channels)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        return [level(x) for level, x in zip(self.levels, levels, strict=True)]
