"""Each cell seen for itself: its crop, and what SG-CLDFF reads from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, Placement, place
from leukoscope.images.laying import Window
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.instances import Instance
from leukoscope.runtime.shape import equivalent_diameter

CROP_DIAMETERS = 2.0
"""Side of a cell's crop in diameters of the disc of the cell's area; the same in training (our choice)."""
CROPS_AT_ONCE = 16


@dataclass(frozen=True)
class Spot:
    """Where a cell lies in the field, as far as a crop needs it."""

    box_px: tuple[float, float, float, float]
    """x, y, width, height."""
    area_px: float


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
    engine: Engine, pixels: NDArray[np.uint8], spots: Sequence[Spot]
) -> Iterator[CropReading]:
    """Each cell's reading, in their order."""
    for start in range(0, len(spots), CROPS_AT_ONCE):
        some = list(crop_cells(pixels, spots[start : start + CROPS_AT_ONCE], engine.contract))
        arrays = engine.infer(np.stack([square for _, square, _ in some]))
        rows = zip(some, arrays["probabilities"], arrays["mask"], strict=True)
        for (window, _, placement), row, mask in rows:
            typed = dict(zip(engine.classes, map(float, row), strict=True))
            yield CropReading(window, placement, typed, mask)


def crop_cells(
    pixels: NDArray[np.uint8], spots: Sequence[Spot], contract: Contract
) -> Iterator[tuple[Window, NDArray[np.uint8], Placement]]:
    """Each cell's window of the field, its crop [S, S, 3] at the network's input size, and the crop's placement."""
    size_px = (pixels.shape[1], pixels.shape[0])
    for spot in spots:
        window = crop_window(spot, size_px)
        square, placement = place(np.ascontiguousarray(pixels[window]), contract)
        yield window, square, placement


def crop_window(spot: Spot, size_px: tuple[int, int]) -> Window:
    """Rows and columns of a cell's crop: a square around the box's centre, clipped to the field.

    What is clipped is padded by the contract when the crop is placed.
    """
    x, y, width, height = spot.box_px
    half = CROP_DIAMETERS * equivalent_diameter(spot.area_px) / 2
    sides = []
    for centre, limit in ((y + height / 2, size_px[1]), (x + width / 2, size_px[0])):
        low, high = round(centre - half), round(centre + half)
        sides.append(slice(max(0, low), max(min(limit, high), max(0, low) + 1)))
    return sides[0], sides[1]


def spot_of(cell: Instance) -> Spot:
    """Of a cell that was found at the field's own size."""
    return Spot(box_of(cell), float(cell.region.sum()))


def spot_on_plane(cell: Instance, placement: Placement) -> Spot:
    """Of a cell that was found on the field's part of the network's plane."""
    across, down = (f / i for f, i in zip(placement.field_px, placement.inner_px, strict=True))
    x, y, width, height = box_of(cell)
    box = (x * across, y * down, width * across, height * down)
    return Spot(box, float(cell.region.sum()) * across * down)


def box_of(cell: Instance) -> tuple[int, int, int, int]:
    """x, y, width, height of the cell's window."""
    rows, columns = cell.window
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
