"""The stage that finds the cells in SG-CLDFF's mask, reads each from its own crop, and measures it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement, inner_of
from leukoscope.images.laying import Window, number_window
from leukoscope.runtime.crops import CropReading, box_of, read_crops, spot_of, spot_on_plane
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.field import Cell, Counted, Inferred
from leukoscope.runtime.instances import (
    Instance,
    fill_holes,
    find_instances,
    find_pieces,
    keep_cells,
)
from leukoscope.runtime.nuclei import part_clumps
from leukoscope.runtime.refine import first_seen, index_of, refined_parts
from leukoscope.runtime.shape import nucleus_ratio, roundness

MIN_CELL_SQUARE_PX = 32
"""Smallest area of a cell in pixels of the network's input: below, the mask shows nothing for sure."""


@dataclass(frozen=True)
class FindCells:
    """`engine` runs SG-CLDFF; None where the bundle has none."""

    engine: Engine | None

    def __call__(self, inferred: Inferred) -> Counted:
        """The field with its mask, cleaned of specks and holes, and its cells, largest first.

        Cells are found at the network's resolution, read from their crops, and found again in the mask at the field's
        own size that the crops have refined: all work there is done where the crops lie.
        """
        frame, readings = inferred.frame, inferred.readings
        if self.engine is None:
            return Counted(frame, readings, None, None, ())
        reading = readings[self.engine.network]
        plane, placement = reading.arrays["mask"], reading.placement
        rows, columns = inner_of(placement)
        coarse = index_of(plane[:, rows, columns])
        found = find_instances(coarse, MIN_CELL_SQUARE_PX)
        spots = [spot_on_plane(cell, placement) for cell in found]
        crops = list(read_crops(self.engine, frame.pixels, spots))
        numbers = _numbered(coarse.shape, found)
        raw, refined = _redrawn(plane, placement, crops, numbers)
        earlier = first_seen(refined, numbers, placement, len(found))
        typed = [None if number is None else crops[number - 1].probabilities for number in earlier]
        mask, instances = _cleaned(raw, refined), _numbered(raw.shape, refined)
        cells = self._measured(refined, typed, mask, frame.pixels)
        return Counted(frame, readings, mask, instances, cells)

    def _measured(
        self,
        found: Sequence[Instance],
        typed: Sequence[Mapping[str, float] | None],
        mask: NDArray[np.uint8],
        pixels: NDArray[np.uint8],
    ) -> tuple[Cell, ...]:
        """The cells; those that only the refined mask shows are read now."""
        assert self.engine is not None
        new = [spot_of(cell) for cell, known in zip(found, typed, strict=True) if known is None]
        late = read_crops(self.engine, pixels, new)
        return tuple(
            _measure(cell, mask, known if known is not None else next(late).probabilities)
            for cell, known in zip(found, typed, strict=True)
        )


def _redrawn(
    plane: NDArray[np.float32],
    placement: Placement,
    crops: Sequence[CropReading],
    numbers: NDArray[np.uint16],
) -> tuple[NDArray[np.uint8], list[Instance]]:
    """The mask [H, W] as the crops have drawn it, and the cells in it; `numbers` [h, w] are those found before."""
    width, height = placement.field_px
    raw = np.zeros((height, width), np.uint8)
    least_px = MIN_CELL_SQUARE_PX / _square_px_per_field_px(placement)
    pieces: list[Instance] = []
    for window, part in refined_parts(plane, placement, crops):
        raw[window] = part
        for piece in find_pieces(part, least_px, (window[1].start, window[0].start)):
            cut = _is_cut_by(piece, window, raw.shape)
            # What a crop cuts off something that was no cell before, such as a fragment at the border, is none now.
            if not cut or number_window(numbers, placement, piece.window)[piece.region].any():
                pieces.append(piece)
    return raw, keep_cells(part_clumps(pieces, raw), raw.shape)


def _is_cut_by(piece: Instance, window: Window, shape: tuple[int, ...]) -> bool:
    """Whether the piece ends where the drawn part of the field does, other than at the field's own border."""
    return any(
        (mine.start == drawn.start > 0) or (mine.stop == drawn.stop < limit)
        for mine, drawn, limit in zip(piece.window, window, shape, strict=True)
    )


def _measure(cell: Instance, mask: NDArray[np.uint8], probabilities: Mapping[str, float]) -> Cell:
    indices = np.where(cell.region, mask[cell.window], 0)
    return Cell(
        box_px=box_of(cell),
        probabilities=probabilities,
        area_px=int(cell.region.sum()),
        nc_ratio=nucleus_ratio(indices),
        roundness=roundness(cell.region),
    )


def _cleaned(raw: NDArray[np.uint8], cells: Sequence[Instance]) -> NDArray[np.uint8]:
    """Mask that holds the found cells and nothing else; holes take the class around them."""
    mask = np.zeros(raw.shape, np.uint8)
    for cell in cells:
        indices = raw[cell.window]
        hole = np.where(fill_holes(cell.region & (indices == 2)), 2, 1)
        filled = np.where(indices == 0, hole, indices)
        mask[cell.window][cell.region] = filled[cell.region]
    return mask


def _numbered(shape: tuple[int, ...], cells: Sequence[Instance]) -> NDArray[np.uint16]:
    """[H, W]: 0 for none, i for the i-th cell."""
    instances = np.zeros(shape, np.uint16)
    for number, cell in enumerate(cells, start=1):
        instances[cell.window][cell.region] = number
    return instances


def _square_px_per_field_px(placement: Placement) -> float:
    """Area of a field's pixel in pixels of the network's input."""
    (width, height), (inner_width, inner_height) = placement.field_px, placement.inner_px
    return inner_width * inner_height / (width * height)
