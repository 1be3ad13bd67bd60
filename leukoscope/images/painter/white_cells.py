"""Paints one nucleated cell on the canvas, and its truth."""

import numpy as np

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.canvas import Canvas, Patch, patch_about
from leukoscope.images.painter.cell_parts import CellParts, draw_parts
from leukoscope.images.painter.recipes import Range, Recipe
from leukoscope.images.painter.stain import AZURE, BLUE, CHROMATIN, DYES, EOSIN, HAEMOGLOBIN
from leukoscope.images.painter.texture import Plane, chromatin, discs, grains, mottle

INSIDE = 0.5
"""A pixel belongs to a cell from this share of coverage."""

MEMBRANE = 0.5
"""How much denser chromatin is along the nucleus's edge."""

CELL_HIDES = (0.9, 1.0, 1.0, 1.0, 1.0)
"""How much of what lies below a cell hides, by dye: a red cell beneath still shows a little."""


def _draw(rng: np.random.Generator, span: Range) -> np.float32:
    drawn: np.float32 = np.float32(rng.uniform(*span))
    return drawn


def _paint_cytoplasm(rng: np.random.Generator, recipe: Recipe, parts: CellParts) -> Plane:
    """Dyes [DYES, h, w] of the cytoplasm, which also lies thinly over the nucleus."""
    body = parts.cell * (1 - np.float32(0.75) * parts.nucleus)
    body *= 1 + np.float32(0.1) * mottle(rng, parts.shape, 0.9 * parts.px_per_um)
    dyes = np.zeros((DYES, *parts.shape), np.float32)
    dyes[BLUE] = (
        body * _draw(rng, recipe.blue) * (1 + np.float32(recipe.rim) * (1 - parts.depth) * 2)
    )
    dyes[EOSIN] = body * _draw(rng, recipe.eosin)
    dyes[AZURE] = body * _draw(rng, recipe.azure)
    return dyes


def _edge(parts: CellParts) -> Plane:
    """Rises to about a half along the inner side of the nucleus's edge; [h, w]."""
    within = cv2.GaussianBlur(parts.nucleus, (0, 0), max(0.4, 0.3 * parts.px_per_um))
    return np.asarray(parts.nucleus * (1 - within), np.float32)


def _paint_nucleus(rng: np.random.Generator, recipe: Recipe, parts: CellParts, dyes: Plane) -> None:
    clumps = chromatin(rng, parts.shape, recipe.clump_um * parts.px_per_um)
    density = 1 + np.float32(recipe.clumps) * clumps + np.float32(MEMBRANE) * _edge(parts)
    amount = parts.nucleus * np.maximum(_draw(rng, recipe.chromatin) * density, np.float32(0.15))
    count = int(rng.integers(recipe.nucleoli[0], recipe.nucleoli[1] + 1))
    if count:
        low, high = recipe.nucleolus_um
        size = (low * parts.px_per_um, high * parts.px_per_um)
        spots = discs(rng, count, size, parts.nucleus > 0.9) * parts.nucleus
        amount *= 1 - np.float32(0.5) * spots
        dyes[BLUE] += np.float32(0.35) * spots
    dyes[CHROMATIN] += amount


def _paint_granules(
    rng: np.random.Generator, recipe: Recipe, parts: CellParts, dyes: Plane
) -> None:
    for granules in recipe.granules:
        per_px2 = float(_draw(rng, granules.per_um2)) / parts.px_per_um**2
        plane = grains(rng, parts.shape, per_px2, granules.radius_um * parts.px_per_um)
        hidden = 1 - np.float32(1 - granules.over_nucleus) * parts.nucleus
        dyes[granules.dye] += plane * hidden * parts.cell * _draw(rng, granules.amount)


def _paint_vacuoles(
    rng: np.random.Generator, recipe: Recipe, parts: CellParts, dyes: Plane
) -> None:
    count = int(rng.integers(recipe.vacuoles[0], recipe.vacuoles[1] + 1))
    if count:
        within = (parts.depth > 0.2) & (parts.cell > 0.9) & (parts.nucleus < 0.3)
        size = (0.35 * parts.px_per_um, 0.8 * parts.px_per_um)
        dyes *= 1 - np.float32(0.85) * discs(rng, count, size, within)


def paint_nucleated(
    canvas: Canvas,
    rng: np.random.Generator,
    recipe: Recipe,
    centre_px: tuple[float, float],
    radius_px: float,
    *,
    px_per_um: float,
    number: int,
) -> None:
    """Paints a cell over what is there and notes it as `number`.

    A recipe of type 'other' is noted in `canvas.others`, every other one in the mask and the
    instances.
    """
    patch = patch_about(centre_px, radius_px * 1.45)
    parts = draw_parts(rng, recipe, patch, radius_px, px_per_um)
    dyes = _paint_cytoplasm(rng, recipe, parts)
    _paint_nucleus(rng, recipe, parts, dyes)
    _paint_granules(rng, recipe, parts, dyes)
    _paint_vacuoles(rng, recipe, parts, dyes)
    if recipe.type == "other":
        dyes[HAEMOGLOBIN] = parts.cell * (1 - parts.nucleus) * _draw(rng, (0.2, 0.7))
    _lay_dyes(canvas, patch, parts, dyes)
    _note(canvas, patch, parts, number, other=recipe.type == "other")


def _lay_dyes(canvas: Canvas, patch: Patch, parts: CellParts, dyes: Plane) -> None:
    meeting = patch.slices(*canvas.mask.shape)
    if meeting is None:
        return
    here, there = meeting
    cell = parts.cell[there]
    for dye, hides in enumerate(CELL_HIDES):
        plane = canvas.dyes[dye][here]
        plane *= 1 - np.float32(hides) * cell
        plane += dyes[dye][there]


def _note(canvas: Canvas, patch: Patch, parts: CellParts, number: int, *, other: bool) -> None:
    meeting = patch.slices(*canvas.mask.shape)
    if meeting is None:
        return
    here, there = meeting
    inside = parts.cell[there] >= INSIDE
    nucleus = inside & (parts.nucleus[there] >= INSIDE)
    canvas.others[here][inside] = number if other else 0
    canvas.instances[here][inside] = 0 if other else number
    canvas.mask[here][inside] = 0 if other else 1
    canvas.other_nuclei[here][inside] = False
    if other:
        canvas.other_nuclei[here][nucleus] = True
    else:
        canvas.mask[here][nucleus] = 2
