"""Swin stages: attention in windows that shift from block to block (Liu et al. 2021, arXiv 2103.14030).

The grid, `side` by `side`, is fixed when the stage is built. A grid that the window does not divide is padded at its right and lower
edge, and the padding is masked, so the weights do not depend on the grid and one set serves every input size.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MASKED = -100.0
"""Added to scores that must not count; the softmax makes it nought, in float16 too."""


def to_windows(x: Tensor, window: int) -> Tensor:
    """[B, side, side, C] -> [B, windows, window * window, C], in at most five dimensions."""
    bands_a_side, channels = x.shape[1] // window, x.shape[3]
    bands = x.reshape(-1, bands_a_side, window, bands_a_side, window * channels)
    return bands.transpose(2, 3).reshape(-1, bands_a_side**2, window * window, channels)


def from_windows(windows: Tensor, side: int, window: int) -> Tensor:
    """The inverse of `to_windows`."""
    bands_a_side, channels = side // window, windows.shape[3]
    bands = windows.reshape(-1, bands_a_side, bands_a_side, window, window * channels)
    return bands.transpose(2, 3).reshape(-1, side, side, channels)


def window_mask(side: int, padded: int, window: int, shift: int) -> Tensor:
    """[windows, 1, N, N], N = window * window: 0 where two places may see each other, MASKED elsewhere.

    Two places of a shifted window may see each other if they were neighbours before the shift wrapped the grid
    round, and no place may see the padding beyond `side`. Padding sees padding, which keeps its softmax finite.
    """
    regions = torch.zeros(padded, padded)
    cuts = [slice(0, -window), slice(-window, -shift), slice(-shift, None)] if shift else []
    for i, rows in enumerate(cuts):
        for j, columns in enumerate(cuts):
            regions[rows, columns] = 3 * i + j
    real = torch.zeros(padded, padded)
    real[:side, :side] = 1.0
    regions = torch.where(torch.roll(real, (-shift, -shift), (0, 1)) > 0, regions, -1.0)
    flat = to_windows(regions[None, :, :, None], window)[0, :, :, 0]
    return (flat[:, None, :] != flat[:, :, None]).float()[:, None] * MASKED


def relative_index(window: int) -> Tensor:
    """[N * N] rows of the bias table for each pair of places in a window, by their offset."""
    places = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij"))
    flat = places.flatten(1)
    offset = flat[:, :, None] - flat[:, None, :] + (window - 1)
    return (offset[0] * (2 * window - 1) + offset[1]).flatten()


class WindowAttention(nn.Module):
    """Multi-head attention inside each window with a learnt bias by relative position.

    [B, windows, N, C] -> the same; `mask` [windows, 1, N, N] is added to the scores.
    """

    relative: Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.head_channels = heads, channels // heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.bias_table, std=0.02)
        self.register_buffer("relative", relative_index(window), persistent=False)

    def position_bias(self, places: int) -> Tensor:
        """[heads, N, N]."""
        return self.bias_table[self.relative].reshape(places, places, self.heads).permute(2, 0, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        windows, places, channels = x.shape[1:]
        query, key, value = (self._split(part) for part in self.qkv(x).chunk(3, dim=-1))
        scores = (query * self.head_channels**-0.5) @ key.transpose(-2, -1)
        weights = (scores + (self.position_bias(places) + mask)).softmax(-1)
        mixed = (weights.to(value.dtype) @ value).transpose(2, 3)
        y: Tensor = self.project(mixed.reshape(-1, windows, places, channels))
        return y

    def _split(self, x: Tensor) -> Tensor:
        """[B, windows, N, C] -> [B, windows, heads, N, C / heads]."""
        return x.reshape(-1, x.shape[1], x.shape[2], self.heads, self.head_channels).transpose(2, 3)


class SwinBlock(nn.Module):
    """Layer norm, window attention, layer norm, two-layer perceptron (GELU), both residual. [B, side, side, C]."""

    mask: Tensor

    def __init__(
        self, channels: int, heads: int, *, side: int, window: int, shifted: bool, ratio: int
    ) -> None:
        super().__init__()
        self.side, self.window = side, window
        self.padded = -(-side // window) * window
        self.shift = window // 2 if shifted and self.padded > window else 0
        self.attention_norm, self.mlp_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attention = WindowAttention(channels, heads, window)
        hidden = ratio * channels
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels)
        )
        mask = window_mask(side, self.padded, window, self.shift)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._attend(self.attention_norm(x))
        y: Tensor = x + self.mlp(self.mlp_norm(x))
        return y

    def _attend(self, x: Tensor) -> Tensor:
        if extra := self.padded - self.side:
            x = F.pad(x, (0, 0, 0, extra, 0, extra))
        if self.shift:
            x = torch.roll(x, (-self.shift, -self.shift), (1, 2))
        x = self.attention(to_windows(x, self.window), self.mask)
        x = from_windows(x, self.padded, self.window)
        if self.shift:
            x = torch.roll(x, (self.shift, self.shift), (1, 2))
        return x[:, : self.side, : self.side]


class SwinBlocks(nn.Module):
    """`depth` blocks, every second one shifted, then a layer norm. [B, C, side, side] -> the same."""

    def __init__(
        self,
        channels: int,
        depth: int,
        *,
        heads: int,
        side: int,
        window: int = 7,
        ratio: int = 3,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        blocks = (
            SwinBlock(channels, heads, side=side, window=window, shifted=i % 2 == 1, ratio=ratio)
            for i in range(depth)
        )
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.blocks(x.permute(0, 2, 3, 1))).permute(0, 3, 1, 2)
        return y


class SwinStage(nn.Module):
    """Patch merging (2x2 convolution, layer norm), then `SwinBlocks`.

    [B, inputs, 2 * side, 2 * side] -> [B, outputs, side, side].
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        depth: int,
        *,
        heads: int,
        side: int,
        window: int = 7,
        ratio: int = 3,
    ) -> None:
        super().__init__()
        self.merge = nn.Conv2d(inputs, outputs, 2, 2)
        self.merge_norm = nn.LayerNorm(outputs)
        self.blocks = SwinBlocks(outputs, depth, heads=heads, side=side, window=window, ratio=ratio)

    def forward(self, x: Tensor) -> Tensor:
        merged = self.merge_norm(self.merge(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        y: Tensor = self.blocks(merged)
        return y
