"""Parting touching cells: a watershed on the distance transform of one connected piece."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

SADDLE_DEPTH = 0.8
"""Two seeds are two cells where the neck between them is narrower than this share of the smaller one."""
MIN_PEAK_SHARE = 0.35
"""A bump whose inner radius is under this share of the piece's largest belongs to its neighbour."""
CONVEX_SHARE = 0.96
"""A piece that fills this share of its convex hull is one cell."""
PEAK_PX = 5
"""A peak of depth is the deepest of so many pixels across."""
LEVELS = 24
"""Heights at which the distance transform of a piece is looked at."""
SIDE_PX = 96
"""A piece is parted on a copy whose longer side has this many pixels: a field photographed with more or fewer pixels is
parted alike, and a large piece in a fraction of the time."""


def split_touching(piece: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Labels [h, w] of one connected piece: 0 outside, 1.. a touching cell each.

    Watershed by immersion (Vincent and Soille 1991) on the distance transform: the water falls from the
    highest depth; islands that meet while they are still deep are two cells.
    """
    if convexity(piece) >= CONVEX_SHARE:
        return piece.astype(np.int32)
    return split_depth(piece)


def split_depth(piece: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The same for a piece of any shape, connected or not; all zeros where there is nothing."""
    if not piece.any():
        return piece.astype(np.int32)
    return _laid_back(_split(_at_side(piece)), piece)


def _at_side(piece: NDArray[np.bool_]) -> NDArray[np.bool_]:
    step = max(piece.shape) / SIDE_PX
    size = (max(1, round(piece.shape[1] / step)), max(1, round(piece.shape[0] / step)))
    method = cv2.INTER_AREA if step > 1 else cv2.INTER_LINEAR
    covered = cv2.resize(255 * piece.astype(np.uint8), size, interpolation=method)
    return np.asarray(covered >= 128)


def _laid_back(labels: NDArray[np.int32], piece: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The labels of the copy on the piece, each of its pixels to the nearest."""
    if labels.max() < 2:
        return piece.astype(np.int32)
    size = (piece.shape[1], piece.shape[0])
    laid = cv2.resize(labels.astype(np.uint16), size, interpolation=cv2.INTER_NEAREST)
    seeds = np.where(piece, laid, 0).astype(np.int32)
    grow(seeds, piece)
    return _renumbered(seeds)


def _split(piece: NDArray[np.bool_]) -> NDArray[np.int32]:
    depth = cv2.distanceTransform(np.pad(piece.astype(np.uint8), 1), cv2.DIST_L2, 5)
    highest = float(depth.max())
    if not _has_two_peaks(depth, MIN_PEAK_SHARE * highest):
        return piece.astype(np.int32)
    seeds = np.zeros(depth.shape, np.int32)
    peaks: dict[int, float] = {}
    for level in np.linspace(highest, 0, LEVELS, endpoint=False)[1:]:
        _fall_to(float(level), depth, seeds, peaks)
    grow(seeds, depth > 0)
    return _renumbered(seeds[1:-1, 1:-1])


def _has_two_peaks(depth: NDArray[Any], least: float) -> bool:
    """Whether more than one place is deeper than all around it: else nothing can be parted, as nearly always."""
    around = np.ones((PEAK_PX, PEAK_PX), np.uint8)
    tops = (depth >= cv2.dilate(depth, around)) & (depth >= least)
    return int(cv2.connectedComponents(tops.astype(np.uint8), connectivity=8)[0]) > 2


def _islands(depth: NDArray[Any], level: float) -> tuple[int, NDArray[Any]]:
    """What lies at `level` and above, numbered from 1; the count has the water among it."""
    above = (depth >= level).astype(np.uint8)
    count, islands = cv2.connectedComponents(above, connectivity=8)
    return count, islands


def _fall_to(
    level: float, depth: NDArray[Any], seeds: NDArray[np.int32], peaks: dict[int, float]
) -> None:
    """Lowers the water to `level`: islands rise, grow or meet in `seeds`, whose heights are `peaks`."""
    count, islands = _islands(depth, level)
    for island in range(1, count):
        here = islands == island
        met = [int(seed) for seed in np.flatnonzero(np.bincount(seeds[here])) if seed]
        if not met:
            met = [len(peaks) + 1]
            peaks[met[0]] = float(depth[here].max())
        highest = max(met, key=peaks.__getitem__)
        apart = [seed for seed in met if _is_apart(peaks[seed], level, peaks[highest])]
        if len(apart) > 1:
            seeds[here & ~np.isin(seeds, [0, *apart])] = highest
            grow(seeds, here)
        else:
            seeds[here] = highest


def _is_apart(peak: float, level: float, highest: float) -> bool:
    if peak == highest:
        return True
    return level <= SADDLE_DEPTH * peak and peak >= MIN_PEAK_SHARE * highest


def grow(seeds: NDArray[np.int32], region: NDArray[np.bool_]) -> None:
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
