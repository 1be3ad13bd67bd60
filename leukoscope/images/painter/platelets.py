"""Paints platelets: small granular purple discs with a pale, frayed edge."""

import numpy as np

from leukoscope.images.painter.canvas import Canvas, patch_about
from leukoscope.images.painter.outline import closed, coverage, wavy_radii
from leukoscope.images.painter.stain import AZURE, BLUE, CHROMATIN
from leukoscope.images.painter.texture import grains
from leukoscope.images.painter.white_cells import INSIDE

DIAMETER_UM = (2.0, 3.8)


def paint_platelet(
    canvas: Canvas,
    rng: np.random.Generator,
    centre_px: tuple[float, float],
    radius_px: float,
    *,
    px_per_um: float,
    number: int,
) -> None:
    """Adds one platelet and notes it as `number` among the others."""
    patch = patch_about(centre_px, radius_px * 1.7)
    meeting = patch.slices(*canvas.mask.shape)
    if meeting is None:
        return
    outline = closed(
        wavy_radii(rng, rng.uniform(0.04, 0.16), (2, 8)),
        radius_px,
        1 + rng.gamma(1.2, 0.12),
        rng.uniform(0, 6.28),
    )
    whole = coverage([outline], patch.centre_px, patch.shape)
    core = coverage([outline * 0.7], patch.centre_px, patch.shape)
    dots = grains(rng, patch.shape, 3.0 / px_per_um**2, 0.2 * px_per_um)
    here, there = meeting
    strength = np.float32(rng.uniform(0.35, 1.0))
    plate = (whole * np.float32(0.22) + core * np.float32(0.2)) * strength
    canvas.dyes[BLUE][here] += plate[there]
    canvas.dyes[AZURE][here] += ((core * dots * np.float32(0.6) + plate) * strength)[there]
    canvas.dyes[CHROMATIN][here] += (core * dots * np.float32(0.25) * strength)[there]
    inside = whole[there] >= INSIDE
    canvas.others[here][inside] = number
    canvas.other_nuclei[here][inside] = False
