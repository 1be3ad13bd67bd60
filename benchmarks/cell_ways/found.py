"""What both ways give for a mask, and how well it fits the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.truth import PaintedField

MATCHED_FROM = 0.5
"""IoU of a found cell and a painted one."""
Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class FoundCell:
    """One cell, measured."""

    window: Window
    region: NDArray[np.bool_]
    """[h, w] in the window."""
    area_px: int
    nc_ratio: float | None
    roundness: float


@dataclass(frozen=True)
class Matches:
    """Counts over fields, without the cells that a field's border cuts."""

    hits: int = 0
    painted: int = 0
    found: int = 0

    def __add__(self, other: "Matches") -> "Matches":
        return Matches(
            self.hits + other.hits, self.painted + other.painted, self.found + other.found
        )

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.painted + self.found)


def matches(cells: Sequence[FoundCell], field: PaintedField) -> Matches:
    """Each painted cell is matched once, by the found one that covers it best."""
    height, width = field.mask.shape
    whole = [one for one in cells if not _touches(one.window, (height, width))]
    painted = [
        number
        for number, cell in enumerate(field.cells, start=1)
        if not _touches(_window(cell.box_px), (height, width))
    ]
    areas = np.bincount(field.instances.reshape(-1), minlength=len(field.cells) + 1)
    hit: set[int] = set()
    for one in whole:
        inside = np.bincount(field.instances[one.window][one.region])
        best = int(inside.argmax())
        union = one.area_px + areas[best] - inside[best]
        if best in painted and inside[best] / union >= MATCHED_FROM:
            hit.add(best)
    return Matches(len(hit), len(painted), len(whole))


def _window(box_px: tuple[int, int, int, int]) -> Window:
    x, y, width, height = box_px
    return slice(y, y + height), slice(x, x + width)


def _touches(window: Window, shape: tuple[int, int]) -> bool:
    return any(
        one.start == 0 or one.stop == limit for one, limit in zip(window, shape, strict=True)
    )
