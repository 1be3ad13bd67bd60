"""Views for SG-CLDFF: single cells, fields at all scales, whole images, and mosaics against the centre bias."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from leukoscope.training.losses import Target
from leukoscope.training.pictures import Cell, Picture
from leukoscope.training.views import Sample, View, take, whole

DIAMETERS_PX = (16.0, 130.0)
"""White-cell diameters in a 224 px square that training covers: from smear fields to single-cell images."""
DIAMETER_SQUARE_PX = 224
CROP_SIDES = (1.4, 3.2)
"""Side of a cell crop over the cell's diameter; the stream cuts 2.0."""
MIDDLE_SIDES = (0.45, 1.0)
"""Side of a crop from the middle over the image's, for single-cell images whose cell nobody outlined."""
LEAST_TYPED_PX = 40.0
"""Cells smaller than this in the square are not asked for their type."""


@dataclass(frozen=True)
class Shown:
    """A view with what may be learnt from it."""

    sample: Sample
    target: Target


def draw_view(
    picture: Picture, partners: Sequence[Picture], side_px: int, rng: np.random.Generator
) -> Shown:
    """A view of a kind that the picture allows, drawn at random; `partners` have masks, for mosaics."""
    kind = rng.random()
    if picture.mask is None:
        return _middle(picture, side_px, rng) if kind < 0.75 else _whole(picture, side_px, rng)
    if not picture.cells or kind < 0.12:
        return _whole(picture, side_px, rng)
    if kind < 0.2 and len(partners) >= 4:
        return _mosaic(partners, side_px, rng)
    typed = [cell for cell in picture.cells if cell.target]
    if typed and kind < 0.6:
        # First the type, then the cell: a field has far more platelets than anything else.
        targets = sorted({cell.target for cell in typed})
        wanted = targets[rng.integers(len(targets))]
        typed = [cell for cell in typed if cell.target == wanted]
        return _crop(picture, typed[rng.integers(len(typed))], side_px, rng)
    return _field(picture, side_px, rng)


def cell_crop(picture: Picture, cell: Cell, side_px: int, sides: float = 2.0) -> Sample:
    """The square about a cell that the stream shows to the type head: `sides` diameters wide."""
    return take(picture, View(cell.centre_px, sides * cell.diameter_px), side_px)


def middle_crop(picture: Picture, side_px: int, share: float = 0.6) -> Sample:
    """The middle of a single-cell image."""
    view = whole(picture)
    return take(picture, replace(view, side_px=min(picture.size_px) * share), side_px)


def _crop(picture: Picture, cell: Cell, side_px: int, rng: np.random.Generator) -> Shown:
    side = cell.diameter_px * _log_uniform(CROP_SIDES, rng)
    return Shown(take(picture, _about(cell.centre_px, side, 0.12, rng), side_px), cell.target)


def _middle(picture: Picture, side_px: int, rng: np.random.Generator) -> Shown:
    side = min(picture.size_px) * rng.uniform(*MIDDLE_SIDES)
    view = _about(whole(picture).centre_px, side, 0.06, rng)
    return Shown(take(picture, view, side_px), picture.target)


def _whole(picture: Picture, side_px: int, rng: np.random.Generator) -> Shown:
    view = whole(picture)
    side = view.side_px * rng.uniform(0.92, 1.08)
    sample = take(picture, _about(view.centre_px, side, 0.04, rng), side_px)
    return Shown(sample, picture.target)


def _field(picture: Picture, side_px: int, rng: np.random.Generator) -> Shown:
    """Any scale in the range and any place: cells are cut, small, or many by reflection."""
    cell = picture.cells[rng.integers(len(picture.cells))]
    wanted = _log_uniform(DIAMETERS_PX, rng)
    side = cell.diameter_px * DIAMETER_SQUARE_PX / wanted
    largest = max(picture.size_px)
    side = float(np.clip(side, 1.2 * cell.diameter_px, 4.0 * largest))
    free = np.maximum(np.asarray(picture.size_px) - side * 0.6, 0) / 2
    centre = np.asarray(whole(picture).centre_px) + rng.uniform(-1, 1, 2) * free
    if side < largest and rng.random() < 0.5:
        centre = np.asarray(cell.centre_px)
    view = _about((float(centre[0]), float(centre[1])), side, 0.35, rng)
    sample = take(picture, view, side_px)
    alone = len(picture.cells) == 1 and _shows(view, cell) and wanted >= LEAST_TYPED_PX
    return Shown(sample, cell.target if alone else ())


def _mosaic(partners: Sequence[Picture], side_px: int, rng: np.random.Generator) -> Shown:
    """Tiles from several images: cells anywhere, next to each other, of different stains."""
    tiles = int(rng.integers(2, 4))
    bounds = np.linspace(0, side_px, tiles + 1).astype(int)
    image = np.full((side_px, side_px, 3), 255, np.uint8)
    mask = np.zeros((side_px, side_px), np.uint8)
    inside = np.ones((side_px, side_px), np.uint8)
    for top, bottom in pairwise(bounds):
        for left, right in pairwise(bounds):
            picture = partners[int(rng.integers(len(partners)))]
            cell = picture.cells[rng.integers(len(picture.cells))]
            side = cell.diameter_px * rng.uniform(1.1, 2.6)
            view = replace(_about(cell.centre_px, side, 0.25, rng), reflected=True)
            tile = take(picture, view, int(max(bottom - top, right - left)))
            image[top:bottom, left:right] = tile.image[: bottom - top, : right - left]
            assert tile.mask is not None
            mask[top:bottom, left:right] = tile.mask[: bottom - top, : right - left]
    return Shown(Sample(image, mask, inside), ())


def _about(
    centre_px: tuple[float, float], side_px: float, shift: float, rng: np.random.Generator
) -> View:
    """A view near a centre: shifted by up to `shift` sides, turned, mirrored, mildly stretched."""
    x, y = np.asarray(centre_px) + rng.uniform(-shift, shift, 2) * side_px
    return View(
        centre_px=(float(x), float(y)),
        side_px=float(side_px),
        turn=float(rng.integers(4) * np.pi / 2 + (rng.normal(0, 0.3) if rng.random() < 0.5 else 0)),
        stretch=float(np.exp(rng.normal(0, 0.08))),
        mirrored=bool(rng.random() < 0.5),
        reflected=bool(rng.random() < 0.6),
    )


def _shows(view: View, cell: Cell) -> bool:
    """Whether the cell's centre lies well within the view."""
    offset = np.abs(np.asarray(cell.centre_px) - view.centre_px).max()
    return bool(offset + cell.diameter_px / 4 < view.side_px / 2 / 1.42)


def _log_uniform(bounds: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(bounds))))
