"""Encoders of the designs that the papers' networks are compared with: U-Net's, ResNet's and Swin's, in small.

Each takes images [B, 3, S, S] in -1..1 and gives maps from fine to coarse; `channels` and `strides` are those of the maps.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from leukoscope.models.conv_unit import ConvUnit
from leukoscope.models.swin import SwinBlocks, SwinStage


class Encoder(nn.Module):
    """What an encoder says of itself."""

    channels: tuple[int, ...]
    strides: tuple[int, ...]

    def forward(self, x: Tensor) -> list[Tensor]:
        raise NotImplementedError


class UNetEncoder(Encoder):
    """Two 3x3 convolutions a level, halved by max pooling (Ronneberger et al. 2015, arXiv 1505.04597), with batch norm."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.channels = tuple(channels)
        self.strides = tuple(2**level for level in range(len(channels)))
        inputs = (3, *channels[:-1])
        self.levels = nn.ModuleList(
            nn.Sequential(ConvUnit(one, other, 3), ConvUnit(other, other, 3))
            for one, other in zip(inputs, channels, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        maps: list[Tensor] = []
        for level in self.levels:
            x = level(F.max_pool2d(maps[-1], 2) if maps else x)
            maps.append(x)
        return maps


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut, the basic block of ResNet18 (He et al. 2016, arXiv 1512.03385)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = ConvUnit(inputs, outputs, 3, stride=stride)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.second(self.first(x))) + self.shortcut(x))


class ResNetEncoder(Encoder):
    """A 3x3 stem at stride 2, then one stage of residual blocks at each of the strides 4, 8, 16, 32."""

    def __init__(self, channels: Sequence[int], depth: int = 1) -> None:
        super().__init__()
        self.channels, self.strides = tuple(channels), (2, 4, 8, 16, 32)
        self.stem = ConvUnit(3, channels[0], 3, stride=2)
        stages = []
        for inputs, outputs in pairwise(channels):
            blocks = [ResidualBlock(inputs, outputs, 2)]
            blocks += [ResidualBlock(outputs, outputs, 1) for _ in range(depth - 1)]
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


class SwinEncoder(Encoder):
    """Patches of 4, then two Swin blocks at each of the strides 4, 8, 16, 32 (Liu et al. 2021, arXiv 2103.14030)."""

    WINDOW = 7
    HEAD_CHANNELS = 16

    def __init__(self, channels: Sequence[int], input_px: int) -> None:
        super().__init__()
        self.channels, self.strides = tuple(channels), (4, 8, 16, 32)
        self.patches = nn.Conv2d(3, channels[0], 4, 4)
        sides = [input_px // stride for stride in self.strides]
        first = SwinBlocks(channels[0], 2, side=sides[0], **self._windows(channels[0], sides[0]))
        deeper = [
            SwinStage(inputs, outputs, 2, side=side, **self._windows(outputs, side))
            for inputs, outputs, side in zip(channels[:-1], channels[1:], sides[1:], strict=True)
        ]
        self.stages = nn.ModuleList([first, *deeper])

    def _windows(self, channels: int, side: int) -> dict[str, int]:
        return {
            "heads": channels // self.HEAD_CHANNELS,
            "window": min(self.WINDOW, side),
            "ratio": 4,
        }

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.patches(x)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps
