"""Circles through the outlines of cells, touching ones too: an outline is cut where it bends inwards.

Our choice: what lies between two dents of a heap's outline is the edge of one cell, so its circle is that
cell's even where most of the cell is hidden.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

STEP_PX = 4
"""An outline's turn is taken between chords of this many points."""
SMOOTH_PX = 2
"""Half the width over which an outline is averaged before its turn is taken."""
DENT_RAD = -0.12
"""A turn below this ends an arc."""
MIN_POINTS = 9
MIN_EXTENT_RAD = 2.0
"""Less of a circle does not say its radius."""
MAX_MISFIT = 0.09
"""The outline's scatter about its circle, in radii."""
HALF_PIXEL = 0.5
"""An outline runs through the centres of a cell's outermost pixels."""
BORDER_PX = 2


@dataclass(frozen=True, eq=False)
class Arcs:
    """Circles, all [n]; pixels of the reduced field."""

    x_px: NDArray[np.float64]
    y_px: NDArray[np.float64]
    radius_px: NDArray[np.float64]
    extent_rad: NDArray[np.float64]
    """How much of the circle is seen, at most a whole turn."""


def find_arcs(cells: NDArray[np.uint8]) -> Arcs:
    """The circles in the outlines of `cells` [h, w] (0 or 255)."""
    outlines, _ = cv2.findContours(cells, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    long = [np.asarray(one).reshape(-1, 2) for one in outlines if len(one) >= 2 * STEP_PX + 2]
    if not long:
        empty = np.zeros(0)
        return Arcs(empty, empty, empty, empty)
    points = np.concatenate(long).astype(np.float64)
    usable = _bends_outwards(points, np.array([len(one) for one in long]))
    height, width = cells.shape
    inside = (points >= BORDER_PX).all(axis=1) & (points[:, 0] < width - BORDER_PX)
    usable &= inside & (points[:, 1] < height - BORDER_PX)
    return _circles(points, usable, np.array([len(one) for one in long]))


def _neighbours(lengths: NDArray[np.intp], step: int) -> NDArray[np.intp]:
    """For each point of the outlines, laid end to end, the index of the one `step` further round its outline."""
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = np.arange(int(lengths.sum())) - starts
    return np.asarray(starts + (place + step) % np.repeat(lengths, lengths))


def _bends_outwards(points: NDArray[np.float64], lengths: NDArray[np.intp]) -> NDArray[np.bool_]:
    """[n], whether the outline bends out, or runs straight, at each point."""
    # Pixels are square: unsmoothed, a large circle's outline has a dent at each of their corners.
    sums = np.add.reduce(
        [points[_neighbours(lengths, n)] for n in range(-SMOOTH_PX, SMOOTH_PX + 1)]
    )
    smooth = sums / (2 * SMOOTH_PX + 1)
    ahead = smooth[_neighbours(lengths, STEP_PX)] - smooth
    behind = smooth - smooth[_neighbours(lengths, -STEP_PX)]
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    dot = behind[:, 0] * ahead[:, 0] + behind[:, 1] * ahead[:, 1]
    # Outlines run so that a cell lies on their right hand (y points down): outwards is negative.
    return np.asarray(-np.arctan2(cross, dot) > DENT_RAD)


def _circles(
    points: NDArray[np.float64], usable: NDArray[np.bool_], lengths: NDArray[np.intp]
) -> Arcs:
    """One circle for each run of usable points, by least squares (Kasa), those that fit."""
    order, runs = _runs(usable, lengths)
    counts = np.diff(np.append(runs, len(order)))
    kept = usable[order[runs]] & (counts >= MIN_POINTS)
    x, y = points[order, 0], points[order, 1]
    middle_x = np.add.reduceat(x, runs) / counts
    middle_y = np.add.reduceat(y, runs) / counts
    x, y = x - np.repeat(middle_x, counts), y - np.repeat(middle_y, counts)
    square = x * x + y * y

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values, runs) / counts)

    xx, yy, xy, xz, yz, zz = (
        mean(v) for v in (x * x, y * y, x * y, x * square, y * square, square)
    )
    flatness = np.maximum(xx * yy - xy * xy, 1e-9)
    a, b = (xz * yy - yz * xy) / flatness / 2, (yz * xx - xz * xy) / flatness / 2
    radius = np.sqrt(np.maximum(zz + a * a + b * b, 1e-9))
    away = np.hypot(x - np.repeat(a, counts), y - np.repeat(b, counts))
    misfit = np.sqrt(mean((away - np.repeat(radius, counts)) ** 2)) / radius
    steps = np.hypot(np.diff(x, append=x[-1:]), np.diff(y, append=y[-1:]))
    steps[np.append(runs[1:] - 1, len(x) - 1)] = 0
    extent = np.minimum(np.add.reduceat(steps, runs) * CHAIN_TO_ARC / radius, 2 * np.pi)
    kept &= (misfit < MAX_MISFIT) & (extent > MIN_EXTENT_RAD)
    return Arcs((a + middle_x)[kept], (b + middle_y)[kept], radius[kept] + HALF_PIXEL, extent[kept])


CHAIN_TO_ARC = 0.95
"""A chain of pixels is longer than the curve that it follows."""


def _runs(
    usable: NDArray[np.bool_], lengths: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Points in an order in which no run wraps round its outline's end, and where runs start."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    # Each outline is turned to begin at its first break, if it has one.
    broken = np.where(usable, len(usable), np.arange(len(usable)))
    first = np.minimum.reduceat(broken, starts)
    shift = np.where(first < ends, first - starts, 0)
    place = np.arange(len(usable)) - np.repeat(starts, lengths)
    order = np.repeat(starts, lengths) + (place + np.repeat(shift, lengths)) % np.repeat(
        lengths, lengths
    )
    turned = usable[order]
    change = np.flatnonzero(np.diff(turned.astype(np.int8)) != 0) + 1
    return order, np.union1d(change, starts)
