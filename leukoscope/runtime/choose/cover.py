"""How much of the field cells cover, and whether that is nothing, too little or too much."""

from dataclasses import dataclass

import numpy as np

from leukoscope.runtime.choose.ground import Ground, histogram

CELL_DENSITY = 0.1
"""What is darker than the ground by this optical density (natural logarithm) or more is a cell."""
PILE_FACTOR = 1.6
"""Overlapping cells are darker than the typical part of a cell by this factor or more ..."""
NUCLEUS_FACTOR = 4.0
"""... and what is darker by this factor is a nucleus. In fields full of white cells some of them count as piled."""
FAINTEST = 0.03
"""Contrast under which the picture is of nothing, 0 to 1."""

EMPTY_COVER = 0.02
"""Under this share of the field there is nothing to be judged."""
THIN_COVER = 0.10
"""Under this the smear is too thin. Usual fields: 0.14 and more (docs/choose.md)."""
THICK_COVER = 0.80
"""Above this it is too thick: cells lie over each other. Usual fields: up to 0.77 (docs/choose.md)."""


@dataclass(frozen=True)
class Cover:
    """How the cells lie."""

    cover: float
    """Share of the field that cells cover, 0 to 1."""
    piled: float
    """Share of that cover that is as dark as cells one over the other, 0 to 1: an estimate by density alone."""


def find_cover(ground: Ground) -> Cover:
    """What cells cover, from the light that passed."""
    counts = histogram(ground.passed)
    if ground.contrast < FAINTEST:
        return Cover(0.0, 0.0)
    cells = counts[: _level(CELL_DENSITY) + 1]
    covered = float(cells.sum())
    if covered == 0:
        return Cover(0.0, 0.0)
    typical = _density(int(np.searchsorted(np.cumsum(cells), covered / 2)))
    dark, nucleus = _level(PILE_FACTOR * typical), _level(NUCLEUS_FACTOR * typical)
    piled = float(cells[nucleus : dark + 1].sum())
    return Cover(covered / ground.passed.size, piled / covered)


def cover_fault(found: Cover) -> str | None:
    """`empty`, `too_thin`, `too_thick` or None."""
    if found.cover < EMPTY_COVER:
        return "empty"
    if found.cover < THIN_COVER:
        return "too_thin"
    return "too_thick" if found.cover > THICK_COVER else None


def _level(density: float) -> int:
    """The greatest level of passed light that is as dense."""
    return int(255 * np.exp(-density))


def _density(level: int) -> float:
    return float(-np.log(max(level, 1) / 255))
