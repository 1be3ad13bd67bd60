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


def _profile(
    rng: np.random.Generator, style: RedCellStyle, squares: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Haemoglobin [h, w] of a disc, thin in the middle and darker at its edge by the edge's shadow.

    `squares` are the distances from the middle, squared, in radii.
    """
    width = np.float32(style.pallor_width * rng.uniform(0.75, 1.25))
    pallor = np.float32(np.clip(style.pallor * rng.uniform(0.55, 1.15), 0, 0.95))
    middle = np.exp(-((squares / width**2) ** np.float32(style.pallor_edge)))
    rim = np.float32(style.rim) * np.minimum(squares, 1) ** 4
    return np.asarray(
        (1 - pallor * middle + rim) * np.float32(style.density * rng.uniform(0.85, 1.15))
    )


def _squares(
    patch: Patch, off_px: NDArray[np.float64], radius_px: float, elongation: float, turn: float
) -> NDArray[np.float32]:
    """Distances from the middle, squared, in radii of the stretched and turned disc; [h, w]."""
    y, x = np.ogrid[: patch.side_px, : patch.side_px]
    dx, dy = x - patch.centre_px[0] - off_px[0], y - patch.centre_px[1] - off_px[1]
    along = (dx * np.cos(turn) + dy * np.sin(turn)) / (radius_px * np.sqrt(elongation))
    across = (dy * np.cos(turn) - dx * np.sin(turn)) / (radius_px / np.sqrt(elongation))
    return np.asarray(along * along + across * across, np.float32)


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
    squares = _squares(patch, off_px, radius_px, elongation, turn)
    amount = cell * _profile(rng, style, squares)
    here, there = meeting
    plane, new = canvas.dyes[HAEMOGLOBIN][here], amount[there]
    thick, thin = np.maximum(plane, new), np.minimum(plane, new)
    plane[...] = thick + np.float32(OVERLAP) * thin
