"""The bare ground between the cells: its brightness, and how it falls off across the field."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.choose.reduced import Green

BRIGHT_PART = 0.3
"""The ground's brightness is sought in the uppermost part of the range from the 1st to the 99th percentile."""
SMOOTHING_LEVELS = 7
"""Grey levels over which the histogram is smoothed before its highest place is sought."""
STEP = 4
"""Local light is sought on every so many-th pixel of the brightest within STEP + 1."""
LOCAL_SHARE = 1 / 3
"""Side of the window, as a share of the field's width, in which some bare ground is expected."""
GREATEST_FALL = 0.15
"""Lamp and optics darken a corner by no more than this share; what is darker is cells."""
WHITE = 250
"""A green level from which a sensor is as good as full."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What was found of the ground on a reduced copy."""

    brightness: float
    """The most frequent level of the ground, 0 to 1."""
    clipped: float
    """Share of the field that is white, 0 to 1."""
    contrast: float
    """From the 1st to the 99th percentile, 0 to 1; near 0 in a picture of nothing."""
    passed: NDArray[np.uint8]
    """[h, w] the light that passed, 255 where it is the local ground's or more."""


def find_ground(green: Green) -> Ground:
    """The ground of a reduced copy [h, w]."""
    calm = np.asarray(cv2.GaussianBlur(green, (3, 3), 0), np.uint8)
    counts = histogram(calm)
    low, high = (_percentile(counts, share) for share in (0.01, 0.99))
    level = _mode(counts, low, high)
    local = np.maximum(_local_light(calm), round((1 - GREATEST_FALL) * level))
    return Ground(
        brightness=level / 255,
        clipped=float(counts[WHITE:].sum()) / green.size,
        contrast=(high - low) / 255,
        passed=np.asarray(cv2.divide(calm, np.maximum(local, 1), scale=255.0), np.uint8),
    )


def histogram(plane: NDArray[np.uint8]) -> NDArray[np.float64]:
    """[256] how often each level occurs."""
    return np.bincount(plane.ravel(), minlength=256).astype(np.float64)


def _percentile(counts: NDArray[np.float64], share: float) -> int:
    reached = np.cumsum(counts)
    return int(np.searchsorted(reached, share * reached[-1]))


def _mode(counts: NDArray[np.float64], low: int, high: int) -> int:
    """The most frequent level of the bright part."""
    smooth = np.convolve(counts, np.ones(SMOOTHING_LEVELS), "same")
    first = int(high - BRIGHT_PART * (high - low))
    return first + int(np.argmax(smooth[first : high + 1]))


def _local_light(calm: Green) -> Green:
    """[h, w] the brightest ground near each pixel, smoothed."""
    height, width = calm.shape
    bright = cv2.dilate(calm, np.ones((STEP + 1, STEP + 1), np.uint8))[::STEP, ::STEP]
    side = max(3, int(LOCAL_SHARE * width / STEP) | 1)
    bright = cv2.dilate(bright, np.ones((side, side), np.uint8))
    bright = cv2.blur(bright, (side, side))
    wide = cv2.resize(bright, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.uint8)
