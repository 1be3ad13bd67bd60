"""The truth of a painted slide: which cells count, how many touch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

LEAST_VISIBLE = 0.3
"""A cell of which a smaller share shows, the rest hidden by another, is in no count: our choice."""
TOUCH_PX = 2
"""Cells with no more ground than this between them touch."""


@dataclass(frozen=True)
class SlideCell:
    """One cell of the slide, as far as it shows."""

    id: int
    """From 1; the value of the slide's plane on the cell."""
    type: str
    box_px: tuple[int, int, int, int]
    """x, y, width, height on the slide."""
    area_px: int
    whole_area_px: int
    """With what another cell hides of it."""
    centre_px: tuple[float, float]
    """Mean of its pixels' places, x and y, on the slide."""


def cells_of(
    plane: NDArray[np.uint16], types: Sequence[str], whole_px: NDArray[np.int64]
) -> tuple[tuple[SlideCell, ...], NDArray[np.uint16], int]:
    """The cells that count, the plane [H, W] numbered by their ids, and how many do not count.

    `plane` is i where the cell of type `types[i - 1]` shows.
    """
    count = len(types) + 1
    rows, columns = np.nonzero(plane)
    owners = plane[rows, columns]
    areas = np.bincount(owners, minlength=count)
    boxes = _boxes(rows, columns, owners, count)
    sums = [np.bincount(owners, weights=at, minlength=count) for at in (columns, rows)]
    kept = [i for i in range(1, count) if areas[i] and areas[i] >= LEAST_VISIBLE * whole_px[i - 1]]
    cells = tuple(
        SlideCell(
            id=number,
            type=types[i - 1],
            box_px=boxes[i],
            area_px=int(areas[i]),
            whole_area_px=int(max(whole_px[i - 1], areas[i])),
            centre_px=(float(sums[0][i] / areas[i]), float(sums[1][i] / areas[i])),
        )
        for number, i in enumerate(kept, start=1)
    )
    ids = np.zeros(count, np.uint16)
    ids[kept] = np.arange(1, len(kept) + 1)
    return cells, ids[plane], int(len(types) - len(kept))


def _boxes(
    rows: NDArray[np.intp], columns: NDArray[np.intp], owners: NDArray[np.uint16], count: int
) -> list[tuple[int, int, int, int]]:
    top, left = np.full(count, 2**31), np.full(count, 2**31)
    bottom, right = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.minimum.at(top, owners, rows)
    np.minimum.at(left, owners, columns)
    np.maximum.at(bottom, owners, rows)
    np.maximum.at(right, owners, columns)
    return [
        (int(x), int(y), int(u - x) + 1, int(v - y) + 1)
        for x, y, u, v in zip(left, top, right, bottom, strict=True)
    ]


def touching(plane: NDArray[np.uint16], cells: Sequence[SlideCell]) -> set[int]:
    """Ids of the cells that have another within TOUCH_PX."""
    found: set[int] = set()
    square = np.ones((2 * TOUCH_PX + 1, 2 * TOUCH_PX + 1), np.uint8)
    for cell in cells:
        x, y, width, height = cell.box_px
        about = plane[
            max(0, y - TOUCH_PX) : y + height + TOUCH_PX,
            max(0, x - TOUCH_PX) : x + width + TOUCH_PX,
        ]
        near = cv2.dilate((about == cell.id).astype(np.uint8), square)
        if np.any((about != cell.id) & (about > 0) & (near > 0)):
            found.add(cell.id)
    return found
