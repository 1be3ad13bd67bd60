"""The canvas: amounts of dye at each pixel, and whose pixel it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.stain import DYES

Slices = tuple[slice, slice]


@dataclass(frozen=True)
class Canvas:
    """Planes that the painters change: dyes [DYES, H, W]; mask, white cells and others [H, W]."""

    dyes: NDArray[np.float32]
    mask: NDArray[np.uint8]
    instances: NDArray[np.uint16]
    others: NDArray[np.uint16]
    other_nuclei: NDArray[np.bool_]


def blank(size_px: tuple[int, int]) -> Canvas:
    """Empty ground of (width, height)."""
    shape = (size_px[1], size_px[0])
    return Canvas(
        np.zeros((DYES, *shape), np.float32),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.uint16),
        np.zeros(shape, np.uint16),
        np.zeros(shape, np.bool_),
    )


@dataclass(frozen=True)
class Patch:
    """A square about a cell: its side, the cell's centre in it, and its corner on the canvas."""

    side_px: int
    centre_px: tuple[float, float]
    corner_px: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        return (self.side_px, self.side_px)

    def slices(self, height: int, width: int) -> tuple[Slices, Slices] | None:
        """Where the patch meets a canvas: slices of the canvas, slices of the patch; None if nowhere."""
        x, y = self.corner_px
        left, top = max(0, x), max(0, y)
        right, bottom = min(width, x + self.side_px), min(height, y + self.side_px)
        if left >= right or top >= bottom:
            return None
        on_canvas = (slice(top, bottom), slice(left, right))
        return on_canvas, (slice(top - y, bottom - y), slice(left - x, right - x))


def patch_about(centre_px: tuple[float, float], reach_px: float) -> Patch:
    """The patch that holds everything within `reach_px` of the centre, and a pixel more."""
    half = int(np.ceil(reach_px)) + 2
    corner = (int(np.floor(centre_px[0])) - half, int(np.floor(centre_px[1])) - half)
    within = (centre_px[0] - corner[0], centre_px[1] - corner[1])
    return Patch(2 * half + 1, within, corner)
