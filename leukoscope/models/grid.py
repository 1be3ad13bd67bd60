"""Where the cells of a feature map lie in the image, and how to bring one map onto another's grid.

Both trunks convolve without padding in places, so their maps neither cover the whole square nor lie
evenly on it: at 299 px the middle map of InceptionV3 has its outermost cell centres 21.5 px inside
the border, that of Xception 3.5 px. Stretching such maps to one size, as if each covered the square,
would shift them against each other, and Grad-CAM against the image, by up to most of a cell. So maps are
aligned by the true positions of their cells (our choice; the paper's abstract is silent).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

Step = tuple[int, int, int]
"""Kernel, stride and padding of a layer that changes the grid."""

Depth = Literal["middle", "last"]
"""Where a trunk is tapped: at stride 16 and at stride 32."""


@dataclass(frozen=True)
class Grid:
    """Cell centres along one side of the square, in pixels from its edge (a pixel's own centre is at 0.5)."""

    cells: int
    first_px: float
    step_px: float

    @classmethod
    def even(cls, input_px: int, stride: int) -> "Grid":
        """The grid that covers the square evenly: `ceil(input_px / stride)` cells, half-pixel aligned."""
        cells = math.ceil(input_px / stride)
        return cls(cells, input_px / cells / 2, input_px / cells)

    @classmethod
    def after(cls, input_px: int, steps: Iterable[Step]) -> "Grid":
        """The grid that is left of `input_px` pixels after layers with these kernels, strides, paddings."""
        grid = cls.even(input_px, 1)
        for kernel, stride, padding in steps:
            grid = grid.through(kernel, stride, padding)
        return grid

    def through(self, kernel: int, stride: int, padding: int) -> "Grid":
        """The grid behind one layer; `cells` below 1 means that the layer cannot be applied."""
        return Grid(
            cells=(self.cells + 2 * padding - kernel) // stride + 1,
            first_px=self.first_px + ((kernel - 1) / 2 - padding) * self.step_px,
            step_px=self.step_px * stride,
        )

    def centres_px(self) -> Tensor:
        """[cells] float64."""
        return self.first_px + self.step_px * torch.arange(self.cells, dtype=torch.float64)


def interpolation(source: Grid, target: Grid) -> Tensor:
    """Linear interpolation as a matrix [source cells, target cells], float32, columns summing to 1.

    Target cells outside the outermost source centres take the outermost source cell.
    """
    where = (target.centres_px() - source.first_px) / source.step_px
    where = where.clamp(0, source.cells - 1)
    distance = (torch.arange(source.cells, dtype=torch.float64)[:, None] - where).abs()
    return (1 - distance).clamp(min=0).to(torch.float32)


class Resample(nn.Module):
    """[B, C, h, h] on `source` -> [B, C, H, H] on `target`, bilinear; non-negative stays non-negative.

    Two products with one constant matrix, because no Resize operator expresses grids that are offset.
    """

    weights: Tensor

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__()
        self.register_buffer("weights", interpolation(source, target), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        across = torch.matmul(x, self.weights)
        down = torch.matmul(across.transpose(2, 3), self.weights)
        return down.transpose(2, 3)
