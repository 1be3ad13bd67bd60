"""One scene under the microscope: its looks, drawn first and apart, then what lies in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.images.painter.canvas import Canvas, blank
from leukoscope.images.painter.debris import paint_smudge
from leukoscope.images.painter.optics import burn_scale_bar, photograph
from leukoscope.images.painter.placing import place_red
from leukoscope.images.painter.platelets import DIAMETER_UM as PLATELET_UM
from leukoscope.images.painter.platelets import paint_platelet
from leukoscope.images.painter.recipes import Recipe
from leukoscope.images.painter.red_cells import DIAMETER_UM as RED_UM
from leukoscope.images.painter.red_cells import RedCellStyle, draw_style, paint_red_cell
from leukoscope.images.painter.stain import Stain, develop, draw_stain
from leukoscope.images.painter.truth import PaintedField, truth_of
from leukoscope.images.painter.white_cells import paint_nucleated

REFERENCE_CELL_UM = 13.0
"""`white_cell_px` is the diameter in pixels of a white cell of this size."""

SHARPNESS_UM = 0.1


@dataclass(frozen=True)
class Looks:
    """All of a scene that says nothing about its white cells."""

    size_px: tuple[int, int]
    px_per_um: float
    stain: Stain
    red_cells: RedCellStyle
    red_share: float
    platelets: int
    smudges: int
    scale_bar: bool


@dataclass(frozen=True)
class PlacedCell:
    """A nucleated cell to paint."""

    recipe: Recipe
    centre_px: tuple[float, float]
    radius_px: float


def draw_looks(
    rng: np.random.Generator,
    size_px: tuple[int, int],
    white_cell_px: float,
    laboratory: int | None,
) -> Looks:
    """A laboratory, a patient's red cells and platelets, a scale bar or none."""
    px_per_um = white_cell_px / REFERENCE_CELL_UM
    area_um2 = size_px[0] * size_px[1] / px_per_um**2
    return Looks(
        size_px=size_px,
        px_per_um=px_per_um,
        stain=draw_stain(rng, laboratory),
        red_cells=draw_style(rng),
        red_share=float(rng.uniform(0.15, 0.75)),
        platelets=int(rng.poisson(area_um2 * rng.uniform(0.0002, 0.0014))),
        smudges=int(rng.poisson(0.3)),
        scale_bar=bool(rng.random() < 0.3),
    )


def _paint_smudges(canvas: Canvas, rng: np.random.Generator, looks: Looks) -> None:
    for _ in range(looks.smudges):
        x, y = rng.uniform(0, np.array(looks.size_px))
        paint_smudge(canvas, rng, (float(x), float(y)), looks.px_per_um)


def _paint_red_cells(
    canvas: Canvas, rng: np.random.Generator, looks: Looks, nucleated: Sequence[PlacedCell]
) -> None:
    radius = RED_UM / 2 * looks.px_per_um
    width, height = looks.size_px
    count = max(1, round(looks.red_share * width * height / (np.pi * radius**2)))
    white = [(*cell.centre_px, cell.radius_px) for cell in nucleated]
    for centre in place_red(rng, looks.size_px, count, radius, white):
        own = radius * float(np.clip(rng.normal(1, looks.red_cells.spread), 0.75, 1.3))
        paint_red_cell(canvas, rng, looks.red_cells, (float(centre[0]), float(centre[1])), own)


def _paint_platelets(
    canvas: Canvas, rng: np.random.Generator, looks: Looks, spots: Sequence[tuple[float, float]]
) -> None:
    for number, spot in enumerate(spots, start=1):
        radius = float(rng.uniform(*PLATELET_UM)) / 2 * looks.px_per_um
        paint_platelet(canvas, rng, spot, radius, px_per_um=looks.px_per_um, number=number)


def _paint_nucleated(
    canvas: Canvas, rng: np.random.Generator, looks: Looks, cells: Sequence[PlacedCell], first: int
) -> None:
    for number, cell in enumerate(cells, start=first):
        paint_nucleated(
            canvas,
            rng,
            cell.recipe,
            cell.centre_px,
            cell.radius_px,
            px_per_um=looks.px_per_um,
            number=number,
        )


def paint_scene(
    rng: np.random.Generator,
    light: np.random.Generator,
    looks: Looks,
    nucleated: Sequence[PlacedCell],
    platelets: Sequence[tuple[float, float]],
    *,
    stage: str,
    seed: int,
) -> PaintedField:
    """Paints smudges, red cells, platelets and nucleated cells, and photographs them.

    `light` draws what the camera adds, apart from `rng`, which draws the cells.
    """
    canvas = blank(looks.size_px)
    others = [cell for cell in nucleated if cell.recipe.type == "other"]
    white = [cell for cell in nucleated if cell.recipe.type != "other"]
    _paint_smudges(canvas, rng, looks)
    _paint_red_cells(canvas, rng, looks, nucleated)
    _paint_platelets(canvas, rng, looks, platelets)
    _paint_nucleated(canvas, rng, looks, others, 1 + len(platelets))
    _paint_nucleated(canvas, rng, looks, white, 1)
    image = photograph(light, develop(canvas.dyes, looks.stain), SHARPNESS_UM * looks.px_per_um)
    if looks.scale_bar:
        hidden = burn_scale_bar(light, image)
        for plane in (canvas.mask, canvas.instances, canvas.others):
            plane[hidden] = 0
    names = ["other"] * (len(platelets) + len(others))
    instances, cells, rest = truth_of(canvas, [cell.recipe.type for cell in white], names)
    return PaintedField(image, canvas.mask, instances, cells, rest, stage, seed)
