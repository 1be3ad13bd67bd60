"""The camera over a slide: what is fixed to it (uneven light, dust) and what each picture adds (blur, exposure, noise)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.optics import GRAIN_STEP
from leukoscope.images.painter.slide_scene import STREAM

LIGHT, NOISE = 8, 9
"""Streams of draws."""
NOISE_LEVELS = (0.8, 3.0)
"""Standard deviation of a pixel's noise, grey levels of 255."""
SLOPE, CORNERS = (0.01, 0.05), (0.0, 0.1)
"""How far the light falls off across the field and in its corners, as a share."""
DUST_SPOTS = (3, 8)
DUST_RADIUS, DUST_DEPTH = (0.004, 0.016), (0.04, 0.14)
"""A spot's radius as a share of the field's width, and the share of light that it takes."""
LEAST_BLUR_PX = 0.25


@dataclass(frozen=True, slots=True)
class Shot:
    """How one picture is taken."""

    corner_px: tuple[float, float]
    """The field's upper left corner on the slide in the middle of the exposure, x and y."""
    travel_px: tuple[float, float] = (0.0, 0.0)
    """How far the slide moved during the exposure."""
    defocus_px: float = 0.0
    """Standard deviation of the blur."""
    exposure: float = 1.0
    """Of the light, about 1."""


class SlideCamera:
    """A camera of `size_px` (width, height), the same for the same seed; for one thread at a time."""

    def __init__(self, seed: int, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self._seed = seed
        rng = np.random.Generator(np.random.PCG64([seed, STREAM, LIGHT]))
        light = _uneven(rng, size_px) * _dust(rng, size_px)
        self._light = np.ascontiguousarray(np.repeat(light[..., None], 3, axis=2))
        self._noise = float(rng.uniform(*NOISE_LEVELS))
        width, height = size_px
        grain = (height + 2 * GRAIN_STEP[0], width + 2 * GRAIN_STEP[1])
        self._grain = np.empty(grain, np.float32)
        self._grains = np.empty((height, width, 3), np.float32)
        self._seen = np.empty((height, width, 3), np.float32)

    def shoot(
        self,
        slide: NDArray[np.uint8],
        shot: Shot,
        number: int,
        into: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.uint8]:
        """Picture `number` [h, w, 3] of the slide [H, W, 3], written to `into` if given; its noise follows from that number."""
        pixels = self._moved(slide, shot)
        if shot.defocus_px > LEAST_BLUR_PX:
            pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), shot.defocus_px), np.uint8)
        np.multiply(pixels, self._light, out=self._seen)
        self._seen *= np.float32(shot.exposure)
        return np.asarray(cv2.add(self._seen, self._fresh(number), into, dtype=cv2.CV_8U), np.uint8)

    def _moved(self, slide: NDArray[np.uint8], shot: Shot) -> NDArray[np.uint8]:
        """The slide as it passes: the mean over the way, by halving the way until it is a pixel."""
        (width, height), steps = self.size_px, _halves(shot.travel_px)
        across, down = (sum(step[axis] for step in steps) for axis in (0, 1))
        region = _crop(
            slide,
            shot.corner_px[0] - across / 2 + min(0, across),
            shot.corner_px[1] - down / 2 + min(0, down),
            (width + abs(across), height + abs(down)),
        )
        for step in steps:
            one, other = _apart(region, step)
            region = np.asarray(cv2.addWeighted(one, 0.5, other, 0.5, 0), np.uint8)
        return region

    def _fresh(self, number: int) -> NDArray[np.float32]:
        """One plane of noise, seen a few pixels apart by each channel."""
        rng = np.random.Generator(np.random.PCG64([self._seed, STREAM, NOISE, number]))
        rng.standard_normal(dtype=np.float32, out=self._grain)
        height, width = self._light.shape[:2]
        for channel in range(3):
            top, left = channel * GRAIN_STEP[0], channel * GRAIN_STEP[1]
            window = self._grain[top : top + height, left : left + width]
            np.multiply(window, np.float32(self._noise), out=self._grains[..., channel])
        return self._grains


def _uneven(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float32]:
    slope, angle = rng.uniform(*SLOPE), rng.uniform(0, 2 * np.pi)
    corners = rng.uniform(*CORNERS)
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) for side in size_px)
    across = 1 + slope * np.cos(angle) * x - corners / 2 * x**2
    down = slope * np.sin(angle) * y - corners / 2 * y**2
    return np.asarray(down[:, None] + across[None, :], np.float32)


def _dust(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float32]:
    """Soft dark spots on the sensor: they stay where they are while the slide moves."""
    width, height = size_px
    plane = np.ones((height, width), np.float32)
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    for _ in range(int(rng.integers(DUST_SPOTS[0], DUST_SPOTS[1] + 1))):
        at = rng.uniform(0, (width, height))
        radius, depth = width * rng.uniform(*DUST_RADIUS), rng.uniform(*DUST_DEPTH)
        away = ((x - at[0]) ** 2 + (y - at[1]) ** 2) / radius**2
        plane *= 1 - np.float32(depth) * np.exp(-(away**2), dtype=np.float32)
    return plane


def _halves(travel_px: tuple[float, float]) -> list[tuple[int, int]]:
    """The way cut in halves, quarters and so on, in whole pixels, longest first."""
    x, y = travel_px
    steps = []
    while max(abs(x), abs(y)) >= 1:
        x, y = x / 2, y / 2
        steps.append((round(x), round(y)))
    return steps


def _apart(
    region: NDArray[np.uint8], step: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two views of the region, the second `step` (x, y) further."""
    rows, columns = (
        _two(side, way) for side, way in zip(region.shape[:2], step[::-1], strict=True)
    )
    return region[rows[0], columns[0]], region[rows[1], columns[1]]


def _two(side: int, way: int) -> tuple[slice, slice]:
    near, far = slice(0, side - abs(way)), slice(abs(way), side)
    return (near, far) if way >= 0 else (far, near)


def _crop(
    slide: NDArray[np.uint8], left: float, top: float, size_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """A part of the slide at any place, between pixels too; beyond its edge the edge goes on."""
    centre = (left + (size_px[0] - 1) / 2, top + (size_px[1] - 1) / 2)
    return np.asarray(cv2.getRectSubPix(slide, size_px, centre), np.uint8)
