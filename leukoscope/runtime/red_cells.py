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
from leukoscope.runtime.red_cell_mask import find_cells

RED_CELL_UM = 7.5
"""A red cell's diameter in a smear, micrometres."""
LONG_SIDES_PX = (160, 320, 800, 1920)
"""The field's longer side when it is looked at; the next is tried where the red cells come out too small."""
MAX_ENLARGEMENT = 3.0
WHOLE_PX = 400
WINDOW_PX = 480
"""At the finer sizes only the middle of the field is looked at."""
SMALLEST_PX = 11.0
"""Narrower, at the size looked at, is too coarse to be measured."""
MIN_CONTRAST = 6.0
"""Grey levels between ground and cells; less is noise."""
MIN_COUNT = 5
KERNEL = 0.1
"""Width of the kernel in which radii agree, in log radius."""
AGREEING = 0.22
"""Radii within this of the mode, in log radius, are of red cells."""
CONFIDENT_SHARE = 0.45
"""Of all arcs, by length, those that agree, for the figure to be confident."""
CONFIDENT_COUNT = 7


@dataclass(frozen=True)
class RedCells:
    """The red cells of one field."""

    diameter_px: float
    """Of the typical one, pixels of the field."""
    count: int
    """How many outlines were measured."""
    spread: float
    """Their robust relative spread (1.48 times the median deviation over the median)."""
    confident: bool


def measure_red_cells(pixels: NDArray[np.uint8]) -> RedCells | None:
    """The red cells of a field [H, W, 3] RGB; None where fewer than MIN_COUNT that agree are seen."""
    best: RedCells | None = None
    for long_side_px in LONG_SIDES_PX:
        found = _measure_at(pixels, long_side_px)
        if found is not None and found.confident:
            return found
        if found is not None and (best is None or found.count > best.count):
            best = found
        if max(pixels.shape[:2]) <= long_side_px:
            break
    return best


def _measure_at(pixels: NDArray[np.uint8], long_side_px: int) -> RedCells | None:
    factor = min(long_side_px / max(pixels.shape[:2]), MAX_ENLARGEMENT)
    mask = find_cells(_reduced(pixels, factor))
    if mask.contrast < MIN_CONTRAST:
        return None
    arcs = find_arcs(mask.cells)
    found = _agreed(_without_nuclei(arcs, mask.nuclei))
    if found is None or found.diameter_px < SMALLEST_PX:
        return None
    return RedCells(found.diameter_px / factor, found.count, found.spread, found.confident)


def _reduced(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The field at `factor` times its size, no more of its middle than the window at the finer sizes."""
    height, width = pixels.shape[:2]
    if factor * max(height, width) > WHOLE_PX:
        side = round(WINDOW_PX / factor)
        top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
        pixels = pixels[top : top + side, left : left + side]
        height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=way), np.uint8)


def _without_nuclei(arcs: Arcs, nuclei: NDArray[np.uint8] | None) -> Arcs:
    """The arcs in whose circle no nucleus lies."""
    if nuclei is None or not len(arcs.x_px):
        return arcs
    height, width = nuclei.shape
    reach = arcs.radius_px[:, None] * 0.5
    x = arcs.x_px[:, None] + reach * np.array([0, 1, -1, 0, 0])
    y = arcs.y_px[:, None] + reach * np.array([0, 0, 0, 1, -1])
    columns = np.clip(np.rint(x), 0, width - 1).astype(np.intp)
    rows = np.clip(np.rint(y), 0, height - 1).astype(np.intp)
    clear = nuclei[rows, columns].sum(axis=1) < 2
    return Arcs(arcs.x_px[clear], arcs.y_px[clear], arcs.radius_px[clear], arcs.extent_rad[clear])


def _agreed(arcs: Arcs) -> RedCells | None:
    """What most of the outline agrees on: the mode of the radii, each weighted by its arc's length."""
    if len(arcs.radius_px) < MIN_COUNT:
        return None
    logs, weights = np.log(arcs.radius_px), arcs.extent_rad * arcs.radius_px
    density = np.exp(-0.5 * ((logs[:, None] - logs[None, :]) / KERNEL) ** 2) @ weights
    mode = logs[int(np.argmax(density))]
    near = np.abs(logs - mode) < AGREEING
    count = int(near.sum())
    if count < MIN_COUNT:
        return None
    radius = _weighted_median(arcs.radius_px[near], arcs.extent_rad[near])
    spread = 1.4826 * float(np.median(np.abs(arcs.radius_px[near] - radius))) / radius
    share = float(weights[near].sum() / weights.sum())
    return RedCells(
        2 * radius, count, spread, count >= CONFIDENT_COUNT and share >= CONFIDENT_SHARE
    )


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
