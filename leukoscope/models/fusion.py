"""Feature fusion: several maps of one depth become one map on one grid.

The paper's abstract names "feature fusion blocks" and no more; what is in them is our choice: 1x1
projections, alignment of the grids, concatenation, channel attention, 3x3 convolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from leukoscope.models.conv_unit import CHANNEL_MULTIPLE, ConvUnit
from leukoscope.models.grid import Grid, Resample


@dataclass(frozen=True)
class Incoming:
    """A map that is to be fused: its channels and where its cells lie."""

    channels: int
    grid: Grid


class ChannelAttention(nn.Module):
    """Squeeze and excitation (Hu et al. 2018, arXiv 1709.01507): each channel times a weight in 0..1."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        hidden = max(CHANNEL_MULTIPLE, channels // reduction)
        self.squeeze = nn.Conv2d(channels, hidden, 1)
        self.excite = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(torch.relu(self.squeeze(mean))))


class FusionBlock(nn.Module):
    """Maps [B, Ci, hi, hi] -> one non-negative map [B, channels, h, h] on the grid `onto`."""

    def __init__(self, incoming: Sequence[Incoming], onto: Grid, channels: int) -> None:
        super().__init__()
        self.out_channels = channels
        joined = channels * len(incoming)
        self.project = nn.ModuleList(ConvUnit(one.channels, channels, 1) for one in incoming)
        self.align = nn.ModuleList(Resample(one.grid, onto) for one in incoming)
        self.attention = ChannelAttention(joined)
        self.mix = ConvUnit(joined, channels, 3)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        ways = zip(maps, self.project, self.align, strict=True)
        aligned = [align(project(x)) for x, project, align in ways]
        mixed: Tensor = self.mix(self.attention(torch.cat(aligned, dim=1)))
        return mixed


class PlainConcatenation(nn.Module):
    """What stands in for a fusion block when the ablation takes it out: alignment and concatenation, nothing learned."""

    def __init__(self, incoming: Sequence[Incoming], onto: Grid) -> None:
        super().__init__()
        self.out_channels = sum(one.channels for one in incoming)
        self.align = nn.ModuleList(Resample(one.grid, onto) for one in incoming)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        return torch.cat([align(x) for x, align in zip(maps, self.align, strict=True)], dim=1)
