"""Textures: smooth noise for chromatin and cytoplasm, grains for granules, discs."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.outline import closed, coverage, wavy_radii

Plane = NDArray[np.float32]


def mottle(rng: np.random.Generator, shape: tuple[int, int], grain_px: float) -> Plane:
    """Noise [h, w] of mean 0 and deviation about 1 whose spots are about `grain_px` wide."""
    sigma = grain_px / 2
    shrink = max(1, int(sigma / 1.5))
    small = (shape[0] // shrink + 2, shape[1] // shrink + 2)
    noise: Plane = rng.standard_normal(small, np.float32)
    sigma /= shrink
    if sigma > 0.3:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)
        noise *= np.float32(max(1.0, 2 * sigma * np.sqrt(np.pi)))
    if shrink > 1:
        size = (small[1] * shrink, small[0] * shrink)
        larger = cv2.resize(noise, size, interpolation=cv2.INTER_LINEAR)
        noise = np.asarray(larger, np.float32)
    return np.asarray(noise[: shape[0], : shape[1]])


def chromatin(rng: np.random.Generator, shape: tuple[int, int], clump_px: float) -> Plane:
    """Clumps with lighter seams between them, and a fine grain; [h, w], mean near 0, about -1.5 to 1.5."""
    clumps = np.tanh(np.float32(1.4) * mottle(rng, shape, clump_px) + np.float32(0.5))
    return np.asarray(
        clumps - np.float32(0.35) + np.float32(0.45) * mottle(rng, shape, clump_px / 3)
    )


def grains(
    rng: np.random.Generator, shape: tuple[int, int], per_px2: float, radius_px: float
) -> Plane:
    """Scattered round grains [h, w], 0 to 1, `per_px2` of them in a pixel on average."""
    count = int(rng.poisson(max(0.0, per_px2) * shape[0] * shape[1]))
    plane = np.zeros(shape, np.float32)
    rows, columns = rng.integers(shape[0], size=count), rng.integers(shape[1], size=count)
    np.maximum.at(plane, (rows, columns), rng.uniform(0.45, 1.2, count).astype(np.float32))
    sigma = max(0.35, radius_px * 0.7)
    # A lone grain of strength 1 reaches 1 in its middle; below a pixel it only gets fainter.
    peak = np.float32(2 * np.pi * sigma**2 * min(1.0, (radius_px / 0.6) ** 2))
    return np.asarray(np.clip(cv2.GaussianBlur(plane, (0, 0), sigma) * peak * 1.3, 0, 1))


def discs(
    rng: np.random.Generator, count: int, radius_px: tuple[float, float], within: NDArray[np.bool_]
) -> Plane:
    """`count` soft discs whose middles lie `within`; [h, w], 0 to 1."""
    shape = (int(within.shape[0]), int(within.shape[1]))
    rows, columns = np.nonzero(within)
    if count == 0 or rows.size == 0:
        return np.zeros(shape, np.float32)
    chosen = rng.integers(rows.size, size=count)
    discs = [
        closed(wavy_radii(rng, 0.04), rng.uniform(*radius_px), rng.uniform(1, 1.3), 0.0)
        + np.array([columns[i], rows[i]])
        for i in chosen
    ]
    return coverage(discs, (0.0, 0.0), shape)
