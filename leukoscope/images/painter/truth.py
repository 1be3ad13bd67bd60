"""What was painted: the picture and, beside it, what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.canvas import Canvas


@dataclass(frozen=True)
class PaintedCell:
    """One cell as far as it is visible: not hidden by another cell, not beyond the edge.

    `type` is one of CELL_TYPES, `box_px` is (x, y, width, height); `nucleus_area_px` is 0 for
    platelets.
    """

    type: str
    box_px: tuple[int, int, int, int]
    area_px: int
    nucleus_area_px: int


@dataclass(frozen=True)
class PaintedField:
    """A picture with its truth.

    `image` is [H, W, 3] uint8 RGB; `mask` is [H, W] uint8 with the indices of MASK_CLASSES;
    `instances` is [H, W] uint16, 0 where there is no white cell and i on `cells[i - 1]`. `cells` are
    the white cells; `others` are nucleated red cells and platelets (type 'other'), which are
    neither in the mask nor in the instances. `stage` is empty where no stage was asked for.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    instances: NDArray[np.uint16]
    cells: tuple[PaintedCell, ...]
    others: tuple[PaintedCell, ...]
    stage: str
    seed: int


def visible_cells(
    numbers: NDArray[np.uint16], nuclei: NDArray[np.bool_], types: Sequence[str]
) -> tuple[NDArray[np.uint16], tuple[PaintedCell, ...]]:
    """The cells that show, and the plane renumbered to them.

    `numbers` [H, W] is i where the cell of type `types[i - 1]` shows; cells without a pixel go.
    """
    rows, columns = np.nonzero(numbers)
    owners = numbers[rows, columns]
    count = len(types) + 1
    areas = np.bincount(owners, minlength=count)
    nucleus_areas = np.bincount(owners[nuclei[rows, columns]], minlength=count)
    top, left = np.full(count, numbers.shape[0]), np.full(count, numbers.shape[1])
    bottom, right = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.minimum.at(top, owners, rows)
    np.maximum.at(bottom, owners, rows)
    np.minimum.at(left, owners, columns)
    np.maximum.at(right, owners, columns)
    shown = [i for i in range(1, count) if areas[i]]
    renumbered = np.zeros(count, np.uint16)
    renumbered[shown] = np.arange(1, len(shown) + 1)
    cells = tuple(
        PaintedCell(
            types[i - 1],
            (int(left[i]), int(top[i]), int(right[i] - left[i]) + 1, int(bottom[i] - top[i]) + 1),
            int(areas[i]),
            int(nucleus_areas[i]),
        )
        for i in shown
    )
    return renumbered[numbers], cells


def truth_of(
    canvas: Canvas, white: Sequence[str], others: Sequence[str]
) -> tuple[NDArray[np.uint16], tuple[PaintedCell, ...], tuple[PaintedCell, ...]]:
    """Instances, white cells and others of a painted canvas, given the types as they were numbered."""
    instances, cells = visible_cells(canvas.instances, canvas.mask == 2, white)
    _, rest = visible_cells(canvas.others, canvas.other_nuclei, others)
    return instances, cells, rest
