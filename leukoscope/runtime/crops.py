"""Each cell seen for itself: its crop, and what SG-CLDFF reads from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, Placement, place
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.instances import Instance, Window
from leukoscope.runtime.shape import equivalent_diameter

CROP_DIAMETERS = 2.0
"""Side of a cell's crop in diameters of the disc of the cell's area; the same in training (our choice)."""
CROPS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class CropReading:
    """What the network gives for a cell's crop."""

    window: Window
    """Of the field."""
    placement: Placement
    probabilities: Mapping[str, float]
    """By cell type."""
    mask: NDArray[np.float32]
    """[3, S, S]"""


def read_crops(
    engine: Engine, pixels: NDArray[np.uint8], cells: Sequence[Instance]
) -> Iterator[CropReading]:
    """Each cell's reading, in their order."""
    for start in range(0, len(cells), CROPS_AT_ONCE):
        some = list(crop_cells(pixels, cells[start : start + CROPS_AT_ONCE], engine.contract))
        arrays = engine.infer(np.stack([square for _, square, _ in some]))
        rows = zip(some, arrays["probabilities"], arrays["mask"], strict=True)
        for (window, _, placement), row, mask in rows:
            typed = dict(zip(engine.classes, map(float, row), strict=True))
            yield CropReading(window, placement, typed, mask)


def crop_cells(
    pixels: NDArray[np.uint8], cells: Sequence[Instance], contract: Contract
) -> Iterator[tuple[Window, NDArray[np.uint8], Placement]]:
    """Each cell's window of the field, its crop [S, S, 3] at the network's input size, and the crop's placement."""
    size_px = (pixels.shape[1], pixels.shape[0])
    for cell in cells:
        window = crop_window(box_of(cell), int(cell.region.sum()), size_px)
        square, placement = place(np.ascontiguousarray(pixels[window]), contract)
        yield window, square, placement


def crop_window(
    box_px: tuple[int, int, int, int], area_px: float, size_px: tuple[int, int]
) -> Window:
    """Rows and columns of a cell's crop: a square around the box's centre, clipped to the field.

    What is clipped is padded by the contract when the crop is placed.
    """
    x, y, width, height = box_px
    half = CROP_DIAMETERS * equivalent_diameter(area_px) / 2
    sides = []
    for centre, limit in ((y + height / 2, size_px[1]), (x + width / 2, size_px[0])):
        low, high = round(centre - half), round(centre + half)
        sides.append(slice(max(0, low), max(min(limit, high), max(0, low) + 1)))
    return sides[0], sides[1]


def box_of(cell: Instance) -> tuple[int, int, int, int]:
    """x, y, width, height of the cell's window."""
    rows, columns = cell.window
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
