"""How wide a field's red cells are, in pixels: the ruler that every smear carries.

Red cells are about 7.5 micrometres wide. Our choice of method: cells parted from the ground by darkness
(red_cell_mask), circles through the arcs of their outlines (red_cell_arcs), nuclei left out, the radius
that most of the arcs agree on. It is done at fixed sizes of the field, coarse first, so that one field
photographed with more or fewer pixels is measured alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.red_cell_arcs import Arcs, find_arcs
from leukoscope.runtime.red_cell_mask import GREEN, find_cells

RED_CELL_UM = 7.5
"""A red cell's diameter in a smear, micrometres."""
LONG_SIDES_PX = (160, 320, 800, 1920)
"""The field's longer side when it is looked at."""
ALWAYS = 2
"""So many are always tried, a finer one where they do not suffice."""
MAX_ENLARGEMENT = 3.0
WHOLE_PX, WINDOW_PX = 400, 480
"""Where the longer side has more than WHOLE_PX, only the middle is looked at, WINDOW_PX wide."""
SAMPLES = 3
"""A large field is read sparsely, but at least SAMPLES squared of its pixels make one of the copy."""
SMALLEST_PX = 11.0
"""Narrower, at the size looked at, is too coarse to be measured."""
SMALLEST_IN_FIELD_PX = 6.0
"""Narrower, in the field itself, has no outline."""
MIN_CONTRAST = 6.0
"""Grey levels between ground and cells; less is noise."""
MIN_COUNT = 5
KERNEL, SHIFTS = 0.15, 6
"""Width of the kernel in which radii agree, in log radius, and the steps of the mean shift."""
EXTENT_POWER = 1.5
"""A whole outline says its radius better than its share of a turn alone would have it."""
TO_DEVIATION = 1.4826
"""From the median deviation to the standard deviation of a normal spread."""
AGREEING = 0.22
"""Radii within this of the mode, in log radius, are of red cells."""
RIM, RIM_POINTS, RIM_FILLED = 0.82, 16, 0.85
"""Of the points on a circle drawn in to RIM of its radius, the share that must lie on a cell."""
CONFIDENT_SHARE = 0.45
"""Of all arcs, by length, those that agree, for the figure to be confident."""
CONFIDENT_COUNT = 7
LEAST_COVERED = 0.03
"""Share of the picture that the squares about the measured cells take: specks of dust are few for their size."""


@dataclass(frozen=True)
class RedCells:
    """The red cells of one field."""

    diameter_px: float
    """Of the typical one, pixels of the field."""
    count: int
    """How many outlines were measured."""
    spread: float
    """Their robust relative spread (of the logarithm, from the median deviation)."""
    confident: bool


def measure_red_cells(pixels: NDArray[np.uint8]) -> RedCells | None:
    """The red cells of a field [H, W, 3] RGB; None where fewer than MIN_COUNT that agree are seen."""
    best: _Agreement | None = None
    for turn, long_side_px in enumerate(LONG_SIDES_PX):
        if turn >= ALWAYS and (
            (best is not None and best.red_cells.confident)
            or max(pixels.shape[:2]) <= long_side_px / 2
        ):
            break
        found = _measure_at(pixels, long_side_px)
        if found is not None and (best is None or found.weight > best.weight):
            best = found
    return None if best is None else best.red_cells


@dataclass(frozen=True)
class _Agreement:
    """What was found at one size, and how much outline speaks for it."""

    red_cells: RedCells
    weight: float


def _measure_at(pixels: NDArray[np.uint8], long_side_px: int) -> _Agreement | None:
    factor = min(long_side_px / max(pixels.shape[:2]), MAX_ENLARGEMENT)
    mask = find_cells(_reduced(pixels, factor))
    if mask.contrast < MIN_CONTRAST:
        return None
    arcs = find_arcs(mask.cells)
    arcs = _chosen(arcs, _is_filled(arcs, mask.cells) & ~_is_nucleated(arcs, mask.nuclei))
    return _agreed(arcs, factor, mask.cells.size)


def _reduced(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The field's green [h, w] at `factor` times its size, only its middle at the finer sizes."""
    height, width = pixels.shape[:2]
    if factor * max(height, width) > WHOLE_PX:
        side = round(WINDOW_PX / factor)
        top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
        pixels = pixels[top : top + side, left : left + side]
        height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    stride = max(1, int(1 / (factor * SAMPLES)))
    green = np.ascontiguousarray(pixels[::stride, ::stride, GREEN])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(green, size, interpolation=way), np.uint8)


def _chosen(arcs: Arcs, which: NDArray[np.bool_]) -> Arcs:
    return Arcs(arcs.x_px[which], arcs.y_px[which], arcs.radius_px[which], arcs.extent_rad[which])


def _sampled(plane: NDArray[np.uint8], arcs: Arcs, reach: float, points: int) -> NDArray[np.uint8]:
    """[n, points] of `plane` [h, w], on each circle drawn in by `reach`; beyond the field its border's."""
    turns = np.arange(points) * (2 * np.pi / points)
    away = arcs.radius_px[:, None] * reach
    x = np.rint(arcs.x_px[:, None] + away * np.cos(turns)).astype(np.intp)
    y = np.rint(arcs.y_px[:, None] + away * np.sin(turns)).astype(np.intp)
    height, width = plane.shape
    return np.asarray(plane[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)])


def _is_filled(arcs: Arcs, cells: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """[n], whether a cell lies all along the inside of the circle: a circle about several cells has gaps."""
    return np.asarray((_sampled(cells, arcs, RIM, RIM_POINTS) > 0).mean(axis=1) >= RIM_FILLED)


def _is_nucleated(arcs: Arcs, nuclei: NDArray[np.uint8] | None) -> NDArray[np.bool_]:
    """[n], whether a nucleus lies within the circle."""
    if nuclei is None:
        return np.zeros(len(arcs.x_px), np.bool_)
    inside = np.hstack([_sampled(nuclei, arcs, 0.5, 4), _sampled(nuclei, arcs, 0.0, 1)])
    return np.asarray(inside.sum(axis=1) >= 2)


def _agreed(arcs: Arcs, factor: float, area_px: int) -> _Agreement | None:
    """What most of the outline agrees on; `factor` brings the field to the size looked at, of `area_px` pixels."""
    if len(arcs.radius_px) < MIN_COUNT:
        return None
    logs, weights = np.log(arcs.radius_px), arcs.extent_rad**EXTENT_POWER * arcs.radius_px
    mode = _mode(logs, weights)
    near = np.abs(logs - mode) < AGREEING
    count, share = int(near.sum()), float(weights[near].sum() / weights.sum())
    diameter = 2 * float(np.exp(mode))
    if count < MIN_COUNT or diameter < max(SMALLEST_PX, SMALLEST_IN_FIELD_PX * factor):
        return None
    if count * diameter**2 < LEAST_COVERED * area_px:
        return None
    confident = count >= CONFIDENT_COUNT and share >= CONFIDENT_SHARE
    spread = TO_DEVIATION * float(np.median(np.abs(logs[near] - mode)))
    cells = RedCells(diameter / factor, count, spread, confident)
    return _Agreement(cells, float(arcs.extent_rad[near].sum()) * share)


def _mode(logs: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Where the logs [n] lie densest: the densest of them, then mean shift."""
    closeness = np.exp(-0.5 * ((logs[:, None] - logs[None, :]) / KERNEL) ** 2)
    mode = float(logs[int(np.argmax(closeness @ weights))])
    for _ in range(SHIFTS):
        near = np.exp(-0.5 * ((logs - mode) / KERNEL) ** 2) * weights
        mode = float((near * logs).sum() / near.sum())
    return mode
