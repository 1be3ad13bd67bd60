"""The Xception trunk (Chollet 2017, arXiv 1610.02357)."""

from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.models.conv_unit import ConvUnit, scaled
from leukoscope.models.grid import Depth, Step

_TO_STRIDE_8: tuple[Step, ...] = ((3, 2, 0), (3, 1, 0), (3, 2, 1), (3, 2, 1))
_TO_MIDDLE: tuple[Step, ...] = (*_TO_STRIDE_8, (3, 2, 1))
_TO_LAST: tuple[Step, ...] = (*_TO_MIDDLE, (3, 2, 1))

INITIAL_RESIDUAL_SCALE = 0.25
"""Residual ways start small (after Goyal et al. 2017, arXiv 1706.02677, who start at nought), so that twelve sums in a row do
not blow up an untrained map; not at nought, so that an untrained map depends on every layer. Our choice."""


class SeparableUnit(nn.Module):
    """Depthwise 3x3, pointwise 1x1, batch norm; no activation. [B, in, H, W] -> [B, out, H, W]."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.pointwise(self.depthwise(x)))
        return out


class Shortcut(nn.Module):
    """The residual way where channels and grid change: strided 1x1 convolution and batch norm."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.conv(x))
        return out


class XceptionBlock(nn.Module):
    """ReLU and separable units in turn, plus the input: figure 5 of the paper.

    `channels` are those at the input and behind each unit. The output is a sum and may be negative. A block that
    changes the grid pools by 2 and has a `Shortcut`.
    """

    def __init__(self, *channels: int, halve: bool = False, start_with_relu: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for i, (before, after) in enumerate(pairwise(channels)):
            if i or start_with_relu:
                layers.append(nn.ReLU())
            unit = SeparableUnit(before, after)
            layers.append(unit)
        nn.init.constant_(unit.norm.weight, INITIAL_RESIDUAL_SCALE)
        if halve:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
        self.body = nn.Sequential(*layers)
        self.shortcut = Shortcut(channels[0], channels[-1]) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.body(x) + self.shortcut(x)
        return out


class XceptionTrunk(nn.Module):
    """[B, 3, S, S] in -1..1 -> (middle map at stride 16, last map at stride 32), both non-negative.

    Channels at width 1.0: 728 and 2048. At S = 299 the grids are 19 and 10. `width` scales every layer's channels (our choice,
    after MobileNet).
    """

    steps: ClassVar[dict[Depth, tuple[Step, ...]]] = {"middle": _TO_MIDDLE, "last": _TO_LAST}
    """The layers that change the grid on the way to each map."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        c32, c64, c128, c256, c728, c1024, c1536, c2048 = (
            scaled(c, width) for c in (32, 64, 128, 256, 728, 1024, 1536, 2048)
        )
        self.channels: dict[Depth, int] = {"middle": c728, "last": c2048}
        self.stem = nn.Sequential(
            ConvUnit(3, c32, 3, stride=2, padding=0), ConvUnit(c32, c64, 3, padding=0)
        )
        self.entry = nn.Sequential(
            XceptionBlock(c64, c128, c128, halve=True, start_with_relu=False),
            XceptionBlock(c128, c256, c256, halve=True),
            XceptionBlock(c256, c728, c728, halve=True),
        )
        self.middle = nn.Sequential(*[XceptionBlock(c728, c728, c728, c728) for _ in range(8)])
        self.reduce = XceptionBlock(c728, c728, c1024, halve=True)
        self.final = nn.Sequential(
            SeparableUnit(c1024, c1536), nn.ReLU(), SeparableUnit(c1536, c2048), nn.ReLU()
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The middle map is taken behind the ReLU that opens the exit flow."""
        summed = self.middle(self.entry(self.stem(x)))
        last: Tensor = self.final(self.reduce(summed))
        return torch.relu(summed), last
