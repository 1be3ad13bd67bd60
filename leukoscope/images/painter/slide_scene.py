"""Everything that lies on a slide, each thing with its place and a seed of its own, before a pixel is painted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.images.classes import STAGES
from leukoscope.images.painter.cell_parts import draw_radius_px
from leukoscope.images.painter.field import NUCLEATED_RED_CELLS
from leukoscope.images.painter.placing import place_red
from leukoscope.images.painter.recipes import RECIPES, Recipe
from leukoscope.images.painter.red_cells import DIAMETER_UM as RED_UM
from leukoscope.images.painter.scene import Looks, PlacedCell, draw_looks
from leukoscope.images.painter.slide_densities import REFERENCE_FIELD_UM2, Densities
from leukoscope.images.painter.slide_placing import fine_points, place_clump, place_groups
from leukoscope.images.painter.stages import draw_kinds, stage_of

STREAM = 5
"""Fields take the seed's streams 0 to 4: no slide shows what a field of the same seed shows."""
SMUDGES = 0.3
"""Remains of burst cells on a reference field, as in fields."""

Spot = tuple[float, float]


@dataclass(frozen=True)
class SlideScene:
    """What is to be painted, in slide pixels. Things of one kind are told apart by their index."""

    looks: Looks
    seed: int
    smudges: tuple[Spot, ...]
    red_cells: tuple[tuple[Spot, float], ...]
    """Centre, radius in pixels."""
    platelets: tuple[Spot, ...]
    """The members of clumps first."""
    clumps: tuple[int, ...]
    """Platelets of each clump."""
    others: tuple[PlacedCell, ...]
    """Nucleated red cells."""
    white: tuple[PlacedCell, ...]
    """From the lowest to the topmost."""

    def own(self, kind: int, index: int) -> np.random.Generator:
        """The draws of one thing: alike in whatever piece of the slide it is painted."""
        return _stream(self.seed, kind, index)


def _stream(seed: int, *which: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, STREAM, *which]))


def draw_scene(
    stage: str,
    seed: int,
    size_px: tuple[int, int],
    white_cell_px: float,
    laboratory: int | None,
    densities: Densities,
) -> SlideScene:
    """A slide of one stage, with one stain and one patient's red cells."""
    looks = draw_looks(_stream(seed, 0), size_px, white_cell_px, laboratory)
    share = size_px[0] * size_px[1] / looks.px_per_um**2 / REFERENCE_FIELD_UM2
    rng = _stream(seed, 1, STAGES.index(stage))
    white = _white(rng, looks, stage, share, densities)
    others = _nucleated_red_cells(rng, looks, share)
    groups = [
        place_clump(rng, size_px, looks.px_per_um)
        for _ in range(int(rng.poisson(densities.clumps * share)))
    ]
    single = rng.uniform(0, np.array(size_px), (looks.platelets, 2))
    return SlideScene(
        looks=looks,
        seed=seed,
        smudges=tuple(_anywhere(rng, size_px, int(rng.poisson(SMUDGES * share)))),
        red_cells=tuple(_red_cells(rng, looks, [*others, *white])),
        platelets=(*(spot for group in groups for spot in group), *fine_points(single)),
        clumps=tuple(len(group) for group in groups),
        others=tuple(others),
        white=tuple(white),
    )


def _anywhere(rng: np.random.Generator, size_px: tuple[int, int], count: int) -> list[Spot]:
    return fine_points(rng.uniform(0, np.array(size_px), (count, 2)))


def _white(
    rng: np.random.Generator, looks: Looks, stage: str, share: float, densities: Densities
) -> list[PlacedCell]:
    kinds = _kinds(rng, stage, share, densities)
    radii = [draw_radius_px(rng, recipe, looks.px_per_um) for recipe in kinds]
    spots = place_groups(rng, looks.size_px, radii, densities.touching, densities.overlapping)
    return [
        PlacedCell(recipe, spot, radius)
        for recipe, spot, radius in zip(kinds, spots, radii, strict=True)
        if spot is not None
    ]


def _kinds(
    rng: np.random.Generator, stage: str, share: float, densities: Densities
) -> Sequence[Recipe]:
    """The stage's kinds by its weights, as many as the densities say."""
    composition = stage_of(stage)
    mean = sum(composition.cells) / 2 if densities.cells is None else densities.cells
    count = round(mean * share)
    kinds: list[Recipe] = []
    while len(kinds) < count:
        kinds += draw_kinds(rng, composition, share)[1:] or draw_kinds(rng, composition, share)
    return kinds[:count]


def _nucleated_red_cells(rng: np.random.Generator, looks: Looks, share: float) -> list[PlacedCell]:
    recipe = RECIPES["nucleated red cell"]
    spots = _anywhere(rng, looks.size_px, int(rng.poisson(NUCLEATED_RED_CELLS * share)))
    return [PlacedCell(recipe, at, draw_radius_px(rng, recipe, looks.px_per_um)) for at in spots]


def _red_cells(
    rng: np.random.Generator, looks: Looks, nucleated: Sequence[PlacedCell]
) -> list[tuple[Spot, float]]:
    radius = RED_UM / 2 * looks.px_per_um
    width, height = looks.size_px
    count = max(1, round(looks.red_share * width * height / (np.pi * radius**2)))
    covered = [(*cell.centre_px, cell.radius_px) for cell in nucleated]
    centres = fine_points(place_red(rng, looks.size_px, count, radius, covered))
    sizes = np.clip(rng.normal(1, looks.red_cells.spread, len(centres)), 0.75, 1.3)
    return [(at, radius * float(size)) for at, size in zip(centres, sizes, strict=True)]
