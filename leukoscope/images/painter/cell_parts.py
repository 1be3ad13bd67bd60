"""The parts of one nucleated cell: its outline, its nucleus, and where they lie on a patch."""

from dataclasses import dataclass

import numpy as np

from leukoscope.images.painter.canvas import Patch
from leukoscope.images.painter.nuclei import FILLS_THE_CELL, NUCLEI
from leukoscope.images.painter.outline import Outline, area_px2, closed, coverage, wavy_radii
from leukoscope.images.painter.recipes import Recipe
from leukoscope.images.painter.texture import Plane


@dataclass(frozen=True)
class CellParts:
    """The cell on its patch: coverage of cell and nucleus, depth, pixels to the micrometre.

    `depth` is 1 in the cell's middle and 0 at its edge, for a rim that deepens outwards.
    """

    cell: Plane
    nucleus: Plane
    depth: Plane
    px_per_um: float

    @property
    def shape(self) -> tuple[int, int]:
        return (int(self.cell.shape[0]), int(self.cell.shape[1]))


def draw_radius_px(rng: np.random.Generator, recipe: Recipe, px_per_um: float) -> float:
    """A cell's mean radius in pixels."""
    return float(rng.uniform(*recipe.diameter_um)) * px_per_um / 2


def _nucleus_outlines(
    rng: np.random.Generator, recipe: Recipe, cell: Outline, radius_px: float
) -> list[Outline]:
    """The nucleus, scaled to its share of the cell and pushed towards one side."""
    outlines = NUCLEI[recipe.nucleus](rng, recipe.ragged[1])
    share = rng.uniform(*recipe.nucleus_share)
    if recipe.nucleus in FILLS_THE_CELL:
        scale = np.sqrt(share * area_px2(cell) / area_px2(outlines[0]))
    else:
        scale = radius_px * np.sqrt(share / 0.4)
    room = max(0.0, radius_px * (1 - np.sqrt(share)))
    angle, push = rng.uniform(0, 2 * np.pi), recipe.off_centre * room * rng.uniform(0.2, 1.0)
    shift = np.array([np.cos(angle), np.sin(angle)]) * push
    return [outline * scale + shift for outline in outlines]


def _depth(patch: Patch, radius_px: float) -> Plane:
    """1 in the middle, 0 from the radius outwards; [h, w]."""
    y, x = np.ogrid[: patch.side_px, : patch.side_px]
    squares = (x - patch.centre_px[0]) ** 2 + (y - patch.centre_px[1]) ** 2
    return np.clip(1 - squares / radius_px**2, 0, 1).astype(np.float32)


def draw_parts(
    rng: np.random.Generator, recipe: Recipe, patch: Patch, radius_px: float, px_per_um: float
) -> CellParts:
    """The outlines of one cell of this recipe and radius, drawn on the patch."""
    radii = wavy_radii(rng, recipe.ragged[0])
    turn = rng.uniform(0, 2 * np.pi)
    outline = closed(radii, radius_px, rng.uniform(*recipe.elongation), turn)
    nuclei = _nucleus_outlines(rng, recipe, outline, radius_px)
    cell = coverage([outline], patch.centre_px, patch.shape)
    inner = coverage([outline * 0.965], patch.centre_px, patch.shape)
    nucleus = np.minimum(coverage(nuclei, patch.centre_px, patch.shape), inner)
    return CellParts(cell, nucleus, _depth(patch, radius_px), px_per_um)
