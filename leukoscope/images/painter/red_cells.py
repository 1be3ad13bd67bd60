"""Paints red cells: discs with a pale middle, scattered, piled or in rolls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.canvas import Canvas, Patch, patch_about
from leukoscope.images.painter.outline import ANGLES, closed, coverage, dented, wavy_radii
from leukoscope.images.painter.stain import HAEMOGLOBIN

DIAMETER_UM = 7.4
OVERLAP = 0.55
"""Of two red cells one above the other, the share of the thinner that is seen to add."""


STEPS, REACH = 128, 1.5
SQUARES: NDArray[np.float64] = np.linspace(0, REACH, STEPS)
"""A profile's distances from the middle, squared, in radii."""


@dataclass(frozen=True)
class RedCellStyle:
    """How a whole field's red cells look.

    `pallor` is how pale the middles are, `pallor_width` how wide (share of the radius),
    `pallor_edge` how sharply they end; `rim` is the edge's shadow,
    `density` the amount of haemoglobin.
    """

    pallor: float
    pallor_width: float
    pallor_edge: float
    rim: float
    density: float
    unevenness: float
    spiky_share: float
    spread: float


def draw_style(rng: np.random.Generator) -> RedCellStyle:
    """One patient's red cells."""
    return RedCellStyle(
        pallor=float(rng.uniform(0.3, 1.0)),
        pallor_width=float(rng.uniform(0.42, 0.7)),
        pallor_edge=float(rng.uniform(1.1, 2.6)),
        rim=float(rng.uniform(0.0, 0.4)),
        density=float(rng.uniform(0.65, 1.15)),
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


def _profile(rng: np.random.Generator, style: RedCellStyle) -> NDArray[np.float32]:
    """Haemoglobin along the radius: thin in the middle, at the edge darker by the edge's shadow.

    [STEPS]; entry i is for a distance of sqrt(i / (STEPS - 1) * REACH) radii.
    """
    width = style.pallor_width * rng.uniform(0.75, 1.25)
    pallor = min(style.pallor * rng.uniform(0.55, 1.15), 0.95)
    middle = np.exp(-((SQUARES / width**2) ** style.pallor_edge))
    rim = style.rim * np.minimum(SQUARES, 1) ** 4
    amount = style.density * rng.uniform(0.85, 1.15)
    return np.asarray((1 - pallor * middle + rim) * amount, np.float32)


def _steps(
    patch: Patch, off_px: NDArray[np.float64], radius_px: float, elongation: float, turn: float
) -> NDArray[np.intp]:
    """For each pixel [h, w] its entry in a profile of the stretched and turned disc."""
    places = np.arange(patch.side_px, dtype=np.float64)
    x, y = places - patch.centre_px[0] - off_px[0], places - patch.centre_px[1] - off_px[1]
    unit = np.sqrt((STEPS - 1) / REACH) / radius_px
    c, s, stretch = np.cos(turn) * unit, np.sin(turn) * unit, np.sqrt(elongation)
    along = ((x * c)[None, :] + (y * s)[:, None]) / stretch
    across = ((y * c)[:, None] - (x * s)[None, :]) * stretch
    along *= along
    across *= across
    along += across
    return np.asarray(np.minimum(along, STEPS - 1), np.intp)


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
    off_px = rng.normal(0, 0.05, 2) * radius_px
    amount = cell * _profile(rng, style)[_steps(patch, off_px, radius_px, elongation, turn)]
    here, there = meeting
    plane, new = canvas.dyes[HAEMOGLOBIN][here], amount[there]
    thick, thin = np.maximum(plane, new), np.minimum(plane, new)
    plane[...] = thick + np.float32(OVERLAP) * thin
