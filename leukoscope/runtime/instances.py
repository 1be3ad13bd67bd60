"""From a mask of cells to single cells: specks out, holes filled, touching cells parted.

Our choice of method: distance transform, seeds by the depth of the saddle between them, watershed.
All work is done on the window around one connected piece, never on the whole field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

MIN_SHARE_OF_LARGEST = 0.05
"""A cell smaller than this share of the field's largest is a speck."""
SADDLE_DEPTH = 0.8
"""Two seeds are two cells where the neck between them is narrower than this share of the smaller one."""
MIN_PEAK_SHARE = 0.35
"""A bump whose inner radius is under this share of the piece's largest belongs to its neighbour."""
MIN_NUCLEUS_SHARE = 0.05
"""A part of a piece whose nucleus takes less of it has none."""
CONVEX_SHARE = 0.96
"""A piece that fills this share of its convex hull is one cell."""
GAP_CONVEXITY = 0.95
"""A hole that fills less of its convex hull is a gap between cells (three discs that touch: 0.4, four that overlap: 0.9)."""
TINY_SHARE = 0.1
"""A hole under this share of the smallest cell is a fault of the mask."""
LEVELS = 24
"""Heights at which the distance transform of a piece is looked at."""

NUCLEUS = 2
Window = tuple[slice, slice]
"""Rows and columns of a field."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One cell in its window."""

    window: Window
    region: NDArray[np.bool_]
    """[h, w], the cell's pixels in the window."""


def find_instances(mask: NDArray[np.uint8], min_area_px: float) -> list[Instance]:
    """Single cells in `mask` [H, W], largest first, none under `min_area_px` pixels.

    `mask` has 0 for background, 1 for cytoplasm, 2 for nucleus.
    """
    cell = (mask > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cell, connectivity=8)
    if count < 2:
        return []
    found = [
        (int(instance.region.sum()), instance)
        for label in range(1, count)
        if stats[label, cv2.CC_STAT_AREA] >= min_area_px
        for instance in _part(mask, labels, label, stats[label], min_area_px)
    ]
    floor = MIN_SHARE_OF_LARGEST * max((area for area, _ in found), default=0)
    kept = [(area, instance) for area, instance in found if area >= floor]
    return [instance for _, instance in sorted(kept, key=lambda one: -one[0])]


def fill_holes(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`region` [h, w] with everything that it encloses."""
    outlines, _ = cv2.findContours(
        region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = np.zeros(region.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, thickness=cv2.FILLED)
    return filled > 0


def fill_faults(piece: NDArray[np.bool_], tiny_px: float) -> NDArray[np.bool_]:
    """`piece` [h, w] with its holes, but not with the gaps between cells.

    Round cells leave a gap with sides that bend inwards; a vacuole or a fault of the mask is convex, or tiny.
    """
    holes = fill_holes(piece) & ~piece
    if not holes.any():
        return piece
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        holes.astype(np.uint8), connectivity=4
    )
    closed: NDArray[np.bool_] = piece.copy()
    for label in range(1, count):
        hole = labels == label
        if stats[label, cv2.CC_STAT_AREA] <= tiny_px or convexity(hole) > GAP_CONVEXITY:
            closed |= hole
    return closed


def _part(
    mask: NDArray[np.uint8],
    labels: NDArray[Any],
    label: int,
    stats: NDArray[Any],
    min_area_px: float,
) -> Iterator[Instance]:
    """The cells of one connected piece."""
    x, y, width, height = (int(value) for value in stats[:4])
    rows_columns = (slice(y, y + height), slice(x, x + width))
    piece = fill_faults(labels[rows_columns] == label, TINY_SHARE * min_area_px)
    parts = split_touching(piece)
    _join_bare(parts, mask[rows_columns] == NUCLEUS)
    for part in range(1, int(parts.max()) + 1):
        region = fill_holes(parts == part)
        if region.sum() < max(1.0, min_area_px):
            continue
        rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        left, right = int(columns[0]), int(columns[-1]) + 1
        window = (slice(y + top, y + bottom), slice(x + left, x + right))
        yield Instance(window, region[top:bottom, left:right])


def split_touching(piece: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Labels [h, w] of one connected piece: 0 outside, 1.. a touching cell each.

    Watershed by immersion (Vincent and Soille 1991) on the distance transform: the water falls from the
    highest depth; islands that meet while they are still deep are two cells.
    """
    if convexity(piece) >= CONVEX_SHARE:
        return piece.astype(np.int32)
    depth = cv2.distanceTransform(np.pad(piece.astype(np.uint8), 1), cv2.DIST_L2, 5)
    seeds = np.zeros(depth.shape, np.int32)
    peaks: dict[int, float] = {}
    for level in np.linspace(float(depth.max()), 0, LEVELS, endpoint=False)[1:]:
        _fall_to(float(level), depth, seeds, peaks)
    _grow(seeds, depth > 0)
    return _renumbered(seeds[1:-1, 1:-1])


def _join_bare(parts: NDArray[np.int32], nucleus: NDArray[np.bool_]) -> None:
    """Gives parts without a nucleus to their neighbours: a pale lobe of cytoplasm is no cell of its own."""
    numbers = np.arange(1, int(parts.max()) + 1)
    bare = [n for n in numbers if nucleus[parts == n].mean() < MIN_NUCLEUS_SHARE]
    if 0 < len(bare) < len(numbers):
        piece = parts > 0
        parts[np.isin(parts, bare)] = 0
        _grow(parts, piece)


def _fall_to(
    level: float, depth: NDArray[Any], seeds: NDArray[np.int32], peaks: dict[int, float]
) -> None:
    """Lowers the water to `level`: islands rise, grow or meet in `seeds`, whose heights are `peaks`."""
    count, islands = cv2.connectedComponents((depth >= level).astype(np.uint8), connectivity=8)
    for island in range(1, count):
        here = islands == island
        met = [int(seed) for seed in np.unique(seeds[here]) if seed]
        if not met:
            met = [len(peaks) + 1]
            peaks[met[0]] = float(depth[here].max())
        highest = max(met, key=peaks.__getitem__)
        apart = [seed for seed in met if _is_apart(peaks[seed], level, peaks[highest])]
        if len(apart) > 1:
            seeds[here & ~np.isin(seeds, [0, *apart])] = highest
            _grow(seeds, here)
        else:
            seeds[here] = highest


def _is_apart(peak: float, level: float, highest: float) -> bool:
    if peak == highest:
        return True
    return level <= SADDLE_DEPTH * peak and peak >= MIN_PEAK_SHARE * highest


def _grow(seeds: NDArray[np.int32], region: NDArray[np.bool_]) -> None:
    """Gives each pixel of `region` that has no seed the seed that is nearest."""
    bare = region & (seeds == 0)
    if not bare.any():
        return
    dry = np.where(region & (seeds > 0), 0, 1).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        dry, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    seed_of = np.zeros(int(nearest.max()) + 1, np.int32)
    seed_of[nearest[dry == 0]] = seeds[dry == 0]
    seeds[bare] = seed_of[nearest[bare]]


def convexity(piece: NDArray[np.bool_]) -> float:
    """Area over that of the convex hull, of the longest outline; 1 for what has no area."""
    outlines, _ = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    hull = float(cv2.contourArea(cv2.convexHull(outline)))
    return float(cv2.contourArea(outline)) / hull if hull else 1.0


def _renumbered(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    kept = np.unique(labels[labels > 0])
    return np.where(labels > 0, np.searchsorted(kept, labels) + 1, 0).astype(np.int32)
