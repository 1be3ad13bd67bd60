"""Paints red cells: discs with a pale middle, scattered, piled or in rolls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.canvas import Canvas, patch_about
from leukoscope.images.painter.outline import ANGLES, closed, coverage, dented, wavy_radii
from leukoscope.images.painter.stain import HAEMOGLOBIN

DIAMETER_UM = 7.4
OVERLAP = 0.55
"""Of two red cells one above the other, the share of the thinner that is seen to add."""


@dataclass(frozen=True)
class RedCellStyle:
    """How a whole field's red cells look: middles' paleness and width, unevenness, spikes."""

    pallor: float
    pallor_width: float
    unevenness: float
    spiky_share: float
    spread: float


def draw_style(rng: np.random.Generator) -> RedCellStyle:
    """One patient's red cells."""
    return RedCellStyle(
        pallor=float(rng.uniform(0.15, 0.9)),
        pallor_width=float(rng.uniform(0.3, 0.55)),
        unevenness=float(rng.uniform(0.01, 0.05)),
        spiky_share=float(rng.choice([0.0, 0.03, 0.4], p=[0.6, 0.3, 0.1])),
        spread=float(rng.uniform(0.04, 0.1)),
    )


def _radii(rng: np.random.Generator, style: RedCellStyle) -> NDArray[np.float64]:
    radii = wavy_radii(rng, style.unevenness)
    chance = rng.random()
    if chance < style.spiky_share:
        radii = radii * (1 + 0.04 * np.cos(ANGLES * int(rng.integers(9, 15))))
    elif chance > 0.985:
        radii = dented(radii, 0.0, -rng.uniform(0.3, 0.7), 0.3)
    return radii


def paint_red_cell(
    canvas: Canvas,
    rng: np.random.Generator,
    style: RedCellStyle,
    centre_px: tuple[float, float],
    radius_px: float,
) -> None:
    """Adds one red cell to the canvas."""
    patch = patch_about(centre_px, radius_px * 1.6)
    meeting = patch.slices(*canvas.mask.shape)
    if meeting is None:
        return
    turn, elongation = rng.uniform(0, 2 * np.pi), 1 + rng.gamma(1.2, 0.07)
    outline = closed(_radii(rng, style), radius_px, elongation, turn)
    cell = coverage([outline], patch.centre_px, patch.shape)
    y, x = np.ogrid[: patch.side_px, : patch.side_px]
    shift = rng.normal(0, 0.06, 2) * radius_px
    dx, dy = x - patch.centre_px[0] - shift[0], y - patch.centre_px[1] - shift[1]
    squares = ((dx * dx + dy * dy) / radius_px**2).astype(np.float32)
    width = np.float32(style.pallor_width * rng.uniform(0.7, 1.25))
    pallor = np.float32(np.clip(style.pallor * rng.uniform(0.3, 1.25), 0, 0.95))
    middle = np.exp(-((squares / width**2) ** np.float32(1.5)))
    amount = cell * (np.float32(0.86) + np.float32(0.14) * np.minimum(squares, 1) - pallor * middle)
    amount *= np.float32(rng.uniform(0.82, 1.15))
    here, there = meeting
    plane, new = canvas.dyes[HAEMOGLOBIN][here], amount[there]
    thick, thin = np.maximum(plane, new), np.minimum(plane, new)
    plane[...] = thick + np.float32(OVERLAP) * thin
