"""Whitened spectra of a field's detail, and the surface of their phase correlation.

Spectra are kept as OpenCV packs them, real, one float32 a pixel: half the memory of complex64 and the
quickest transform back. The packing is symmetric, so each number's partner (the other half of its complex
number) has a fixed place.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

LOW_CUT = 0.02
"""Cycles a pixel: slower waves are shading, not cells."""
HIGH_CUT = 0.25
"""Cycles a pixel at which a wave counts half: above it there is more noise than cell."""
TAPER_PX = 6
"""Width of the slope at a tile's edges, at 256 px; narrow, so that a strip of 20 % overlap is left."""
MIN_MAGNITUDE = 1e-6

Tile = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Packing:
    """Where OpenCV packs the waves of an [n, n] spectrum, flat."""

    partner: NDArray[np.intp]
    """[n * n], the place of the other half of the complex number; its own place where that is zero."""
    alone: NDArray[np.bool_]
    """[n * n], True where the number is real."""
    weight: NDArray[np.float32]
    """[n * n], square root of the wave's weight in the correlation."""


@cache
def packing(n: int) -> Packing:
    """Of spectra [n, n]; `n` is even."""
    place = np.arange(n * n).reshape(n, n)
    partner, fx, fy = place.copy(), np.zeros((n, n)), np.zeros((n, n))
    rows = np.arange(n)
    fx[:] = (rows[None, :] + 1) // 2
    fy[:] = np.minimum(rows, n - rows)[:, None]
    for first in range(1, n - 1, 2):
        partner[:, first], partner[:, first + 1] = place[:, first + 1], place[:, first]
    for column in (0, n - 1):
        fy[:, column] = (rows + 1) // 2
        partner[:, column] = place[:, column]
        for first in range(1, n - 1, 2):
            partner[first, column] = place[first + 1, column]
            partner[first + 1, column] = place[first, column]
    frequency = np.hypot(fx, fy) / n
    weight = np.exp(-((frequency / HIGH_CUT) ** 2) * np.log(2) / 2)
    weight[frequency < LOW_CUT] = 0
    flat = partner.ravel()
    return Packing(flat, flat == place.ravel(), weight.astype(np.float32).ravel())


@cache
def _slope(length: int, taper_px: int) -> NDArray[np.float32]:
    """[length], 1 with half a cosine at both ends."""
    inside = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rise = np.clip(inside / max(1, taper_px), 0, 1)
    return (0.5 - 0.5 * np.cos(np.pi * rise)).astype(np.float32)


def whitened(tile: Tile, n: int) -> Tile:
    """The spectrum [n, n], packed, of `tile` [h, w] with h, w at most `n`: every wave as long as its weight."""
    height, width = tile.shape
    taper = max(1, TAPER_PX * n // 256)
    padded = np.zeros((n, n), np.float32)
    padded[:height, :width] = tile * _slope(height, taper)[:, None] * _slope(width, taper)
    spectrum = cv2.dft(padded).ravel()
    packed = packing(n)
    squares = spectrum * spectrum
    power = squares + np.where(packed.alone, 0, squares[packed.partner])
    white = spectrum * packed.weight / np.sqrt(power + MIN_MAGNITUDE)
    return np.ascontiguousarray(white.reshape(n, n), np.float32)


def correlation(first: Tile, second: Tile) -> Tile:
    """[n, n]: at (y, x) how well `second`'s corner fits at (x, y) of `first`, as a circle; identical tiles give 1 at (0, 0)."""
    product = cv2.mulSpectrums(first, second, 0, conjB=True)
    surface: Tile = np.asarray(cv2.idft(product, flags=cv2.DFT_REAL_OUTPUT), np.float32)
    surface *= np.float32(1 / _full_height(first.shape[0]))
    return surface


@cache
def _full_height(n: int) -> float:
    """What a tile's correlation with itself comes to at no shift: of two packed numbers each stands for one wave of a pair."""
    return float((packing(n).weight ** 2).sum())
