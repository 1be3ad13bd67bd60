"""Paints smudges: pale lilac remains of burst cells, which are no cells and are in no truth."""

import numpy as np

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.canvas import Canvas, patch_about
from leukoscope.images.painter.outline import closed, coverage, wavy_radii
from leukoscope.images.painter.stain import AZURE, EOSIN
from leukoscope.images.painter.texture import mottle

RADIUS_UM = (4.0, 9.0)


def paint_smudge(
    canvas: Canvas,
    rng: np.random.Generator,
    centre_px: tuple[float, float],
    px_per_um: float,
) -> None:
    """Adds one smudge, to be painted over by the cells."""
    radius = float(rng.uniform(*RADIUS_UM)) * px_per_um
    patch = patch_about(centre_px, radius * 2.2)
    meeting = patch.slices(*canvas.mask.shape)
    if meeting is None:
        return
    radii = wavy_radii(rng, 0.22, (2, 12))
    outline = closed(radii, radius, 1 + rng.gamma(1.5, 0.3), rng.uniform(0, 2 * np.pi))
    streaks = 1 + np.float32(0.25) * mottle(rng, patch.shape, 1.5 * px_per_um)
    soft_px = max(0.5, 0.4 * px_per_um)
    haze = cv2.GaussianBlur(coverage([outline], patch.centre_px, patch.shape), (0, 0), soft_px)
    haze *= streaks
    here, there = meeting
    canvas.dyes[AZURE][here] += haze[there] * np.float32(rng.uniform(0.08, 0.25))
    canvas.dyes[EOSIN][here] += haze[there] * np.float32(rng.uniform(0.02, 0.2))
