"""The stage that finds the cells in SG-CLDFF's mask, types each from its own crop, and measures it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, Placement, place, to_field
from leukoscope.runtime.engines import Engine
from leukoscope.runtime.field import Cell, Counted, Inferred
from leukoscope.runtime.instances import Instance, fill_holes, find_instances
from leukoscope.runtime.shape import equivalent_diameter, nucleus_ratio, roundness

CROP_DIAMETERS = 2.0
"""Side of a cell's crop in diameters of the disc of the cell's area; the same in training (our choice)."""
MIN_CELL_SQUARE_PX = 32
"""Smallest area of a cell in pixels of the network's input: below, the mask shows nothing for sure."""
CROPS_AT_ONCE = 16


@dataclass(frozen=True)
class FindCells:
    """`network` is the engine's name in the readings; None where the bundle has no SG-CLDFF."""

    engine: Engine | None

    def __call__(self, inferred: Inferred) -> Counted:
        """The field with its mask, cleaned of specks and holes, and its cells, largest first."""
        frame, readings = inferred.frame, inferred.readings
        if self.engine is None:
            return Counted(frame, readings, None, None, ())
        reading = readings[self.engine.network]
        raw = to_field(reading.arrays["mask"], reading.placement).argmax(axis=0).astype(np.uint8)
        found = find_instances(raw, MIN_CELL_SQUARE_PX / _square_px_per_field_px(reading.placement))
        mask, instances = _cleaned(raw, found)
        probabilities = _type_cells(self.engine, frame.pixels, found)
        cells = tuple(
            _measure(one, mask, typed) for one, typed in zip(found, probabilities, strict=True)
        )
        return Counted(frame, readings, mask, instances, cells)


def crop_window(
    box_px: tuple[int, int, int, int], area_px: float, size_px: tuple[int, int]
) -> tuple[slice, slice]:
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


def crop_cells(
    pixels: NDArray[np.uint8], cells: Sequence[Instance], contract: Contract
) -> Iterator[NDArray[np.uint8]]:
    """Each cell's crop [S, S, 3] at the network's input size."""
    size_px = (pixels.shape[1], pixels.shape[0])
    for cell in cells:
        window = crop_window(box_of(cell), int(cell.region.sum()), size_px)
        yield place(np.ascontiguousarray(pixels[window]), contract)[0]


def box_of(cell: Instance) -> tuple[int, int, int, int]:
    """x, y, width, height of the cell's window."""
    rows, columns = cell.window
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start


def _type_cells(
    engine: Engine, pixels: NDArray[np.uint8], cells: Sequence[Instance]
) -> list[Mapping[str, float]]:
    """Probabilities by type of each cell, from the class head on its crop."""
    typed: list[Mapping[str, float]] = []
    for start in range(0, len(cells), CROPS_AT_ONCE):
        crops = list(crop_cells(pixels, cells[start : start + CROPS_AT_ONCE], engine.contract))
        rows = engine.infer(np.stack(crops))["probabilities"]
        typed += [dict(zip(engine.classes, map(float, row), strict=True)) for row in rows]
    return typed


def _measure(cell: Instance, mask: NDArray[np.uint8], probabilities: Mapping[str, float]) -> Cell:
    indices = np.where(cell.region, mask[cell.window], 0)
    return Cell(
        box_px=box_of(cell),
        probabilities=probabilities,
        area_px=int(cell.region.sum()),
        nc_ratio=nucleus_ratio(indices),
        roundness=roundness(cell.region),
    )


def _cleaned(
    raw: NDArray[np.uint8], cells: Sequence[Instance]
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Mask and instances that hold the found cells and nothing else; holes take the class around them."""
    mask, instances = np.zeros(raw.shape, np.uint8), np.zeros(raw.shape, np.uint16)
    for number, cell in enumerate(cells, start=1):
        indices = raw[cell.window]
        hole = np.where(fill_holes(cell.region & (indices == 2)), 2, 1)
        filled = np.where(indices == 0, hole, indices)
        mask[cell.window][cell.region] = filled[cell.region]
        instances[cell.window][cell.region] = number
    return mask, instances


def _square_px_per_field_px(placement: Placement) -> float:
    """Area of a field's pixel in pixels of the network's input."""
    (width, height), (inner_width, inner_height) = placement.field_px, placement.inner_px
    return inner_width * inner_height / (width * height)
