"""Which pixels of a field are cells, and which of those are nuclei: by their darkness against the ground.

All on a reduced copy, one channel: green, where haemoglobin and both dyes absorb.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

GREEN = 1
BINS, BIN_WIDTH = 64, 4
GROUND_REDUCTION = 4
"""The ground's light is mapped on a copy reduced by this once more."""
GROUND_REACH = 1 / 3
"""The ground is looked for within a window of this share of the longer side."""
BLUR_PX = 1.0
NUCLEI_APART = 1.7
"""The darkest class is nuclei if it is this many times as dark as the one between: else it is piled red cells."""
OUTLINE_PX, LEAST_ALONE = 7, 0.15
"""A class that is red cells has this share of its pixels farther than half that width from the darkest; outlines have none."""
PALE_CONTRAST, PALE_SHARE = 10.0, 0.05
"""Least darkness over the ground, in grey levels, and share of the field, of red cells beside much darker nuclei."""


@dataclass(frozen=True, eq=False)
class CellMask:
    """Cells of a reduced field."""

    cells: NDArray[np.uint8]
    """[h, w], 255 where a cell is, else 0; pale centres may be 0."""
    nuclei: NDArray[np.uint8] | None
    """[h, w], 1 where it is as dark as a nucleus; None where the field has no such class."""
    contrast: float
    """How much darker red cells are than the ground, grey levels."""


def find_cells(green: NDArray[np.uint8]) -> CellMask:
    """Parts a reduced field's green [h, w] into ground, cells and nuclei."""
    dark = _darkness(np.asarray(cv2.GaussianBlur(green, (0, 0), BLUR_PX), np.uint8))
    edges, means, shares = three_classes(dark)
    ground, red = means[0], _joined(means[1:], shares[1:])
    nuclei = None
    if means[2] - means[0] > NUCLEI_APART * (means[1] - means[0]):
        nuclei = _above(dark, edges[1] - 1, 1)
        if _stands_alone(dark, nuclei, edges):
            red = means[1]
        elif (pale := _pale_cells(dark, nuclei)) is not None:
            ground, red = pale
        else:
            nuclei = None
    return CellMask(_above(dark, (ground + red) / 2, 255), nuclei, red - ground)


def _joined(means: Sequence[float], shares: Sequence[float]) -> float:
    """The mean of classes together."""
    return float(np.dot(means, shares) / max(sum(shares), 1e-9))


def _above(plane: NDArray[np.uint8], level: float, value: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(plane, level, value, cv2.THRESH_BINARY)[1], np.uint8)


def _stands_alone(
    dark: NDArray[np.uint8], darkest: NDArray[np.uint8], edges: tuple[int, int]
) -> bool:
    """Whether the class between the edges is more than the blurred outlines of the darkest."""
    between = np.asarray(cv2.inRange(dark, edges[0], edges[1] - 1), np.uint8)
    whole = cv2.countNonZero(between)
    outlines = cv2.countNonZero(cv2.bitwise_and(between, between, mask=_widened(darkest)))
    return bool(whole - outlines >= LEAST_ALONE * whole)


def _pale_cells(dark: NDArray[np.uint8], darkest: NDArray[np.uint8]) -> tuple[float, float] | None:
    """Darkness of ground and of red cells away from the darkest, where there are cells too pale to be a class of all."""
    rest = dark[_widened(darkest) == 0]
    if not len(rest):
        return None
    _, means, shares = three_classes(rest.reshape(1, -1))
    red = _joined(means[1:], shares[1:])
    if red - means[0] < PALE_CONTRAST or shares[1] + shares[2] < PALE_SHARE:
        return None
    return means[0], red


def _widened(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(plane, np.ones((OUTLINE_PX, OUTLINE_PX), np.uint8)), np.uint8)


def three_classes(
    dark: NDArray[np.uint8],
) -> tuple[tuple[int, int], tuple[float, float, float], tuple[float, float, float]]:
    """Otsu's method with three classes on grey levels: the two edges, the classes' means and shares."""
    counts = cv2.calcHist([dark], [0], None, [BINS], [0, 256]).ravel().astype(np.float64)
    levels = np.arange(BINS) * BIN_WIDTH + (BIN_WIDTH - 1) / 2
    share = np.concatenate([[0.0], np.cumsum(counts / counts.sum())])
    moment = np.concatenate([[0.0], np.cumsum(counts / counts.sum() * levels)])

    def between(start: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(
            (moment[end] - moment[start]) ** 2 / np.maximum(share[end] - share[start], 1e-9)
        )

    zero, last = np.zeros_like(FIRST), np.full_like(FIRST, BINS)
    best = int(np.argmax(between(zero, FIRST) + between(FIRST, SECOND) + between(SECOND, last)))
    ends = (0, int(FIRST[best]), int(SECOND[best]), BINS)
    parts = [float(share[b] - share[a]) for a, b in pairwise(ends)]
    sums = [float(moment[b] - moment[a]) for a, b in pairwise(ends)]
    means = [total / max(part, 1e-9) for total, part in zip(sums, parts, strict=True)]
    edges = (ends[1] * BIN_WIDTH, ends[2] * BIN_WIDTH)
    return edges, (means[0], means[1], means[2]), (parts[0], parts[1], parts[2])


_PAIRS = np.triu_indices(BINS, 1)
FIRST: NDArray[np.intp] = _PAIRS[0][_PAIRS[0] > 0]
SECOND: NDArray[np.intp] = _PAIRS[1][_PAIRS[0] > 0]
"""Every pair of edges that parts the histogram in three."""


def _darkness(channel: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker each pixel [h, w] is than the ground about it: the lamp is uneven, corners are dim."""
    height, width = channel.shape
    size = (max(width // GROUND_REDUCTION, 1), max(height // GROUND_REDUCTION, 1))
    ground = cv2.resize(channel, size, interpolation=cv2.INTER_AREA)
    side = max(5, int(max(size) * GROUND_REACH) | 1)
    window = np.ones((side, side), np.uint8)
    ground = cv2.morphologyEx(ground, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    ground = cv2.blur(ground, (side, side), borderType=cv2.BORDER_REPLICATE)
    ground = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.subtract(ground, channel), np.uint8)
