"""Paints a smear field of one stage, or of one cell type, or a single cell in the middle.

Everything follows from the seed, by NumPy's PCG64 in separate streams: the looks (stain, light, red
cells' style, scale) come from the seed alone, so that one seed looks the same in every stage.
"""

from collections.abc import Sequence

import numpy as np

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.painter.cell_parts import draw_radius_px
from leukoscope.images.painter.placing import place_white
from leukoscope.images.painter.recipes import RECIPES, Recipe
from leukoscope.images.painter.scene import Looks, PlacedCell, draw_looks, paint_scene
from leukoscope.images.painter.stages import draw_kinds, stage_of
from leukoscope.images.painter.stain import LABORATORIES
from leukoscope.images.painter.truth import PaintedField

MIN_SIDE_PX = 32
MIN_CELL_PX, MAX_CELL_PX = 8.0, 2000.0
REFERENCE_PX = (640, 480)
NUCLEATED_RED_CELLS = 0.15
"""The share of a stage's fields with a nucleated red cell, alike in all stages."""

KINDS: dict[str, tuple[str, ...]] = {
    type: tuple(name for name, recipe in RECIPES.items() if recipe.type == type)
    for type in CELL_TYPES
}


def _stream(seed: int, *which: int) -> np.random.Generator:
    if seed < 0:
        raise InputError(f"the seed is {seed}", wanted="0 or more")
    return np.random.Generator(np.random.PCG64([seed, *which]))


def _check_size(size_px: tuple[int, int]) -> None:
    if min(size_px) < MIN_SIDE_PX:
        raise InputError(
            f"a field of {size_px[0]} x {size_px[1]} px was asked for",
            wanted=f"sides of at least {MIN_SIDE_PX} px",
        )


def _check_looks(white_cell_px: float | None, laboratory: int | None) -> None:
    if white_cell_px is not None and not MIN_CELL_PX <= white_cell_px <= MAX_CELL_PX:
        raise InputError(
            f"a white cell of {white_cell_px} px was asked for",
            wanted=f"{MIN_CELL_PX} to {MAX_CELL_PX} px",
        )
    if laboratory is not None and not 0 <= laboratory < len(LABORATORIES):
        raise InputError(
            f"there is no laboratory {laboratory}", wanted=f"0 to {len(LABORATORIES) - 1}"
        )


def _check_type(type: str) -> None:
    if type not in CELL_TYPES:
        raise InputError(f"no cell type is called {type!r}", wanted=" or ".join(CELL_TYPES))


def _looks_of_field(
    seed: int, size_px: tuple[int, int], white_cell_px: float | None, laboratory: int | None
) -> Looks:
    """The looks of a field; without `white_cell_px` 70 to 95 px on the reference field."""
    _check_size(size_px)
    _check_looks(white_cell_px, laboratory)
    rng = _stream(seed, 0)
    scale = np.sqrt(size_px[0] * size_px[1] / (REFERENCE_PX[0] * REFERENCE_PX[1]))
    drawn = max(MIN_CELL_PX, float(rng.uniform(70, 95) * scale))
    return draw_looks(rng, size_px, white_cell_px or drawn, laboratory)


def _field_share(looks: Looks) -> float:
    """The field's area in the object, as a share of the reference field's at 82 px a cell."""
    width, height = looks.size_px
    reference = REFERENCE_PX[0] * REFERENCE_PX[1] / (82.0 / 13.0) ** 2
    return width * height / looks.px_per_um**2 / reference


def _placed(
    rng: np.random.Generator, looks: Looks, kinds: Sequence[Recipe], crowding: float
) -> list[PlacedCell]:
    radii = [draw_radius_px(rng, recipe, looks.px_per_um) for recipe in kinds]
    centres = place_white(rng, looks.size_px, radii, crowding)
    return [
        PlacedCell(recipe, centre, radius)
        for recipe, centre, radius in zip(kinds, centres, radii, strict=True)
        if centre is not None
    ]


def _platelet_spots(
    rng: np.random.Generator, looks: Looks, count: int
) -> list[tuple[float, float]]:
    spots = rng.uniform(0, np.array(looks.size_px), (count, 2))
    return [(float(x), float(y)) for x, y in spots]


def paint_field(
    stage: str,
    seed: int,
    size_px: tuple[int, int] = REFERENCE_PX,
    white_cell_px: float | None = None,
    laboratory: int | None = None,
) -> PaintedField:
    """A smear field of a stage (STAGES; stages.py says what each looks like).

    `size_px` is (width, height), 32 or more; `white_cell_px` the diameter of a white cell of
    13 micrometres, by default 70 to 95 at 640 x 480 and in proportion elsewhere; `laboratory` an
    index into LABORATORIES, drawn by default. InputError for an unknown stage or laboratory, too small
    a size, a negative seed.
    """
    composition = stage_of(stage)
    looks = _looks_of_field(seed, size_px, white_cell_px, laboratory)
    rng = _stream(seed, 1, STAGES.index(stage))
    kinds = draw_kinds(rng, composition, _field_share(looks))
    if rng.random() < NUCLEATED_RED_CELLS:
        kinds.append(RECIPES["nucleated red cell"])
    cells = _placed(rng, looks, kinds, float(rng.uniform(*composition.crowding)))
    spots = _platelet_spots(rng, looks, looks.platelets)
    return paint_scene(rng, _stream(seed, 2), looks, cells, spots, stage=stage, seed=seed)


def paint_field_of(
    type: str,
    seed: int,
    size_px: tuple[int, int] = REFERENCE_PX,
    white_cell_px: float | None = None,
    laboratory: int | None = None,
) -> PaintedField:
    """A smear field whose white cells, one to four on the reference field, are all of one CELL_TYPES type.

    'other' gives nucleated red cells and platelets and no white cell. Arguments as in `paint_field`.
    """
    _check_type(type)
    looks = _looks_of_field(seed, size_px, white_cell_px, laboratory)
    rng = _stream(seed, 3, CELL_TYPES.index(type))
    count = max(1, round(int(rng.integers(1, 5)) * _field_share(looks)))
    kinds = [RECIPES[str(rng.choice(KINDS[type]))] for _ in range(count)]
    cells = _placed(rng, looks, kinds, float(rng.uniform(0, 0.5)))
    spots = _platelet_spots(rng, looks, looks.platelets + (2 if type == "other" else 0))
    return paint_scene(rng, _stream(seed, 2), looks, cells, spots, stage="", seed=seed)


def paint_cell(type: str, seed: int, size_px: int, laboratory: int | None = None) -> PaintedField:
    """A square picture of `size_px` with one cell of a CELL_TYPES type near its middle.

    Its neighbours are red cells and platelets. 'other' is a nucleated red cell or a clump of
    platelets. A cell of 13 micrometres takes a third to two thirds of the side. InputError as
    for `paint_field`.
    """
    _check_type(type)
    _check_size((size_px, size_px))
    _check_looks(None, laboratory)
    looks_rng = _stream(seed, 0)
    white_cell_px = size_px * float(looks_rng.uniform(0.33, 0.62))
    looks = draw_looks(looks_rng, (size_px, size_px), white_cell_px, laboratory)
    rng = _stream(seed, 4, CELL_TYPES.index(type))
    x, y = size_px * rng.uniform(0.42, 0.58, 2)
    recipe = RECIPES[str(rng.choice(KINDS[type]))]
    spots = _platelet_spots(rng, looks, looks.platelets)
    cells = [PlacedCell(recipe, (float(x), float(y)), draw_radius_px(rng, recipe, looks.px_per_um))]
    if type == "other" and rng.random() < 0.5:
        cells = []
        clump = rng.normal(0, 1.5 * looks.px_per_um, (int(rng.integers(1, 6)), 2))
        spots += [(float(x + a), float(y + b)) for a, b in clump]
    return paint_scene(rng, _stream(seed, 2), looks, cells, spots, stage="", seed=seed)
