"""How well two pictures agree where they lie on each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.spectrum import Tile

BLOCK_PX = 24
"""Side of the blocks that are judged one by one; about one white cell."""
MIN_SIDE_PX = 10
"""A narrower overlap is not judged."""

Shift = tuple[int, int]


@dataclass(frozen=True)
class Agreement:
    """Of two pictures at one shift."""

    ncc: float
    """Normalised cross-correlation of the whole overlap, -1 to 1."""
    block_ncc: float
    """The median of the blocks, weighted by what there is to see: a few specks of dirt cannot raise it."""
    evidence_blocks: float
    """How many blocks' worth of detail was compared."""


def common(first: Tile, second: Tile, shift: Shift) -> tuple[Tile, Tile] | None:
    """The parts of both that lie on each other when `second`'s corner is at `shift` (x, y) of `first`; None where too narrow."""
    (height, width), (other_height, other_width), (x, y) = first.shape, second.shape, shift
    left, right = max(0, x), min(width, x + other_width)
    top, bottom = max(0, y), min(height, y + other_height)
    if min(right - left, bottom - top) < MIN_SIDE_PX:
        return None
    return first[top:bottom, left:right], second[top - y : bottom - y, left - x : right - x]


def overlap_share(first: Tile, second: Tile, shift: Shift) -> float:
    """The overlap's area over the smaller picture's, 0 to 1."""
    parts = common(first, second, shift)
    return parts[0].size / min(first.size, second.size) if parts else 0.0


def ncc(first: Tile, second: Tile) -> float:
    """Of two parts [h, w] of detail, whose mean is about 0; 0 where one is flat."""
    one, other = np.ascontiguousarray(first).ravel(), np.ascontiguousarray(second).ravel()
    power = float(one @ one) * float(other @ other)
    return float(one @ other) / power**0.5 if power > 0 else 0.0


def agreement(first: Tile, second: Tile) -> Agreement:
    """Of two parts [h, w] that lie on each other."""
    products = [_block_means(a * b) for a, b in ((first, second), (first, first), (second, second))]
    both, one, other = products
    weights = np.minimum(np.maximum(one, other), 1.0)
    found = both / np.sqrt(one * other + 1e-6)
    return Agreement(ncc(first, second), _weighted_median(found, weights), float(weights.sum()))


def _block_means(part: Tile) -> NDArray[np.float32]:
    """[n], the mean of each block; blocks are stretched by whole pixels, so that little is left over."""
    height, width = part.shape
    across, down = max(1, round(width / BLOCK_PX)), max(1, round(height / BLOCK_PX))
    inner = part[: height // down * down, : width // across * across]
    # OpenCV's area filter is quick only where the blocks are whole pixels.
    means = cv2.resize(inner, (across, down), interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32).ravel()


def _weighted_median(values: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
