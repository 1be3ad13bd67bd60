"""The InceptionV3 trunk (Szegedy et al. 2016, arXiv 1512.00567), without its auxiliary head."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from leukoscope.models.conv_unit import ConvUnit, Size, scaled
from leukoscope.models.grid import Depth, Step

BATCH_NORM_EPS = 1e-3
"""As the paper's released weights."""

_TO_STRIDE_8: tuple[Step, ...] = ((3, 2, 0), (3, 1, 0), (3, 2, 0), (3, 1, 0), (3, 2, 0))
_TO_MIDDLE: tuple[Step, ...] = (*_TO_STRIDE_8, (3, 2, 0))
_TO_LAST: tuple[Step, ...] = (*_TO_MIDDLE, (3, 2, 0))


def _unit(
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    stride: int = 1,
    padding: Size | None = None,
) -> ConvUnit:
    return ConvUnit(
        in_channels, out_channels, kernel, stride=stride, padding=padding, eps=BATCH_NORM_EPS
    )


def _chain(in_channels: int, *layers: tuple[int, Size]) -> nn.Sequential:
    """Units one behind the other, each (channels, kernel), all on the same grid."""
    units = []
    for channels, kernel in layers:
        units.append(_unit(in_channels, channels, kernel))
        in_channels = channels
    return nn.Sequential(*units)


class Branches(nn.Module):
    """Several ways through a block, side by side, concatenated over the channels in the order given."""

    def __init__(self, out_channels: int, **branches: nn.Module) -> None:
        super().__init__()
        self.out_channels = out_channels
        self.names = tuple(branches)
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.get_submodule(name)(x) for name in self.names], dim=1)


def _pooled(in_channels: int, channels: int) -> nn.Sequential:
    return nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), _unit(in_channels, channels, 1))


def _mixed_fine(channels: int, pool: int, width: float) -> Branches:
    """Stride 8, figure 5 of the paper: 5x5 and stacked 3x3."""
    c48, c64, c96, pool = (scaled(c, width) for c in (48, 64, 96, pool))
    return Branches(
        c64 + c64 + c96 + pool,
        point=_unit(channels, c64, 1),
        five=_chain(channels, (c48, 1), (c64, 5)),
        threes=_chain(channels, (c64, 1), (c96, 3), (c96, 3)),
        pool=_pooled(channels, pool),
    )


def _reduce_to_16(channels: int, width: float) -> Branches:
    """Stride 8 to 16, figure 10: convolution and pooling side by side."""
    c64, c96, c384 = (scaled(c, width) for c in (64, 96, 384))
    threes = _chain(channels, (c64, 1), (c96, 3))
    return Branches(
        c384 + c96 + channels,
        three=_unit(channels, c384, 3, stride=2, padding=0),
        threes=threes.append(_unit(c96, c96, 3, stride=2, padding=0)),
        pool=nn.MaxPool2d(3, stride=2),
    )


def _mixed_middle(channels: int, inner: int, width: float) -> Branches:
    """Stride 16, figure 6: 7x7 factorised into 1x7 and 7x1."""
    n, c192 = scaled(inner, width), scaled(192, width)
    row, column = (1, 7), (7, 1)
    return Branches(
        4 * c192,
        point=_unit(channels, c192, 1),
        seven=_chain(channels, (n, 1), (n, row), (c192, column)),
        sevens=_chain(channels, (n, 1), (n, column), (n, row), (n, column), (c192, row)),
        pool=_pooled(channels, c192),
    )


def _reduce_to_32(channels: int, width: float) -> Branches:
    """Stride 16 to 32."""
    c192, c320 = scaled(192, width), scaled(320, width)
    three = _chain(channels, (c192, 1))
    seven = _chain(channels, (c192, 1), (c192, (1, 7)), (c192, (7, 1)))
    return Branches(
        c320 + c192 + channels,
        three=three.append(_unit(c192, c320, 3, stride=2, padding=0)),
        seven=seven.append(_unit(c192, c192, 3, stride=2, padding=0)),
        pool=nn.MaxPool2d(3, stride=2),
    )


def _mixed_coarse(channels: int, width: float) -> Branches:
    """Stride 32, figure 7: banks that fan out into 1x3 and 3x1."""
    c192, c320, c384, c448 = (scaled(c, width) for c in (192, 320, 384, 448))

    def fan() -> Branches:
        return Branches(2 * c384, row=_unit(c384, c384, (1, 3)), column=_unit(c384, c384, (3, 1)))

    return Branches(
        c320 + 4 * c384 + c192,
        point=_unit(channels, c320, 1),
        three=_chain(channels, (c384, 1)).append(fan()),
        threes=_chain(channels, (c448, 1), (c384, 3)).append(fan()),
        pool=_pooled(channels, c192),
    )


class InceptionTrunk(nn.Module):
    """[B, 3, S, S] in -1..1 -> (middle map at stride 16, last map at stride 32), both non-negative.

    Channels at width 1.0: 768 and 2048. At S = 299 the grids are 17 and 8. `width` scales every layer's channels
    (our choice, after MobileNet); S is at least 75.
    """

    steps: ClassVar[dict[Depth, tuple[Step, ...]]] = {"middle": _TO_MIDDLE, "last": _TO_LAST}
    """The layers that change the grid on the way to each map."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        c32, c64, c80, c192 = (scaled(c, width) for c in (32, 64, 80, 192))
        self.stem = nn.Sequential(
            _unit(3, c32, 3, stride=2, padding=0),
            _unit(c32, c32, 3, padding=0),
            _unit(c32, c64, 3),
            nn.MaxPool2d(3, stride=2),
            _unit(c64, c80, 1),
            _unit(c80, c192, 3, padding=0),
            nn.MaxPool2d(3, stride=2),
        )
        fine = [_mixed_fine(c192, 32, width)]
        for pool in (64, 64):
            fine.append(_mixed_fine(fine[-1].out_channels, pool, width))
        middle = [_reduce_to_16(fine[-1].out_channels, width)]
        for inner in (128, 160, 160, 192):
            middle.append(_mixed_middle(middle[-1].out_channels, inner, width))
        coarse = [_reduce_to_32(middle[-1].out_channels, width)]
        for _ in range(2):
            coarse.append(_mixed_coarse(coarse[-1].out_channels, width))
        self.fine, self.middle = nn.Sequential(*fine), nn.Sequential(*middle)
        self.coarse = nn.Sequential(*coarse)
        self.channels: dict[Depth, int] = {
            "middle": middle[-1].out_channels,
            "last": coarse[-1].out_channels,
        }

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        middle = self.middle(self.fine(self.stem(x)))
        return middle, self.coarse(middle)
