"""Outlines of cells and nuclei: closed curves, and how much of each pixel they cover."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

POINTS = 72
ANGLES: NDArray[np.float64] = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
COSINES: NDArray[np.float64] = np.cos(np.arange(16)[:, None] * ANGLES)
SINES: NDArray[np.float64] = np.sin(np.arange(16)[:, None] * ANGLES)
"""Of each multiple of the angles, [16, POINTS]."""

SUBPIXEL_BITS = 4
FINER = 4

Outline = NDArray[np.float64]
"""Points [N, 2] (x, y) of a closed curve, in pixels about the cell's centre."""


def wavy_radii(
    rng: np.random.Generator, ragged: float, waves: tuple[int, int] = (2, 6)
) -> NDArray[np.float64]:
    """Radii [POINTS] about 1: a sum of waves, the higher the smaller, `ragged` in size;
    `waves` are the first and last number of them around, below 16.
    """
    orders = slice(waves[0], waves[1] + 1)
    count = waves[1] - waves[0] + 1
    sizes = rng.normal(0.0, 2 * ragged, (2, count, 1)) / np.arange(*orders.indices(16))[:, None]
    along, across = sizes * np.sqrt(0.5)
    return np.asarray(1.0 + np.sum(along * COSINES[orders] + across * SINES[orders], axis=0))


def dented(
    radii: NDArray[np.float64], at: float, depth: float, width: float
) -> NDArray[np.float64]:
    """The radii with a dent at angle `at` of `depth` (share of the radius) and `width` (radians)."""
    away = np.angle(np.exp(1j * (ANGLES - at)))
    return np.asarray(radii * (1.0 - depth * np.exp(-((away / width) ** 2))))


def closed(radii: NDArray[np.float64], radius_px: float, elongation: float, turn: float) -> Outline:
    """The curve of these radii, stretched by `elongation` with its area kept, turned by `turn`."""
    stretch = np.sqrt(elongation)
    x = radii * COSINES[1] * (radius_px * stretch)
    y = radii * SINES[1] * (radius_px / stretch)
    c, s = np.cos(turn), np.sin(turn)
    outline: Outline = np.empty((radii.size, 2))
    outline[:, 0], outline[:, 1] = x * c - y * s, x * s + y * c
    return outline


def thick_line(points: Outline, widths: NDArray[np.float64]) -> list[Outline]:
    """A line of points [N, 2] with a half-width at each: overlapping discs as outlines."""
    circle = np.stack([COSINES[1, ::3], SINES[1, ::3]], axis=1)
    return [point + circle * width for point, width in zip(points, widths, strict=True)]


def area_px2(outline: Outline) -> float:
    """The area inside a curve that does not cross itself."""
    x, y = outline[:, 0], outline[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def coverage(
    outlines: Iterable[Outline], centre_px: Sequence[float], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """The share of each pixel that the union of the outlines covers, [h, w], 0 to 1.

    Filled on a finer grid and averaged: OpenCV's antialiased filling makes a shape half a pixel
    too large all round, which is much of a small nucleus.
    """
    fine = np.zeros((shape[0] * FINER, shape[1] * FINER), np.uint8)
    # Pixel centres are whole numbers: the finer grid's lie at (i + 0.5) / FINER - 0.5.
    shift = (np.asarray(centre_px) + 0.5) * FINER - 0.5
    for outline in outlines:
        fixed = np.rint((outline * FINER + shift) * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.fillPoly(fine, [fixed], 255, cv2.LINE_8, SUBPIXEL_BITS)
    plane = cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(plane.astype(np.float32) / np.float32(255))
