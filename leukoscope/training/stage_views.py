"""Views for XIncept-ALL: whole fields turned, scaled, letterboxed, and without the marks that give slides away."""

from dataclasses import replace

import numpy as np

from leukoscope.training.pictures import Picture
from leukoscope.training.views import Sample, take, whole

SCALES = (0.7, 1.12)
"""Side of what a view shows over the field's longer side."""


def stage_view(picture: Picture, side_px: int, rng: np.random.Generator) -> Sample:
    """A field turned, mirrored, shifted, scaled and mildly stretched, its corners sometimes covered."""
    view = whole(picture)
    width, height = picture.size_px
    centre = (
        view.centre_px[0] + width * rng.uniform(-0.08, 0.08),
        view.centre_px[1] + height * rng.uniform(-0.08, 0.08),
    )
    turn = rng.integers(4) * np.pi / 2 + (rng.normal(0, 0.25) if rng.random() < 0.6 else 0.0)
    view = replace(
        view,
        centre_px=centre,
        side_px=view.side_px * float(np.exp(rng.uniform(*np.log(SCALES)))),
        turn=float(turn),
        stretch=float(np.exp(rng.normal(0, 0.07))),
        mirrored=bool(rng.random() < 0.5),
        reflected=bool(rng.random() < 0.7),
    )
    sample = take(_corners_covered(picture, rng), view, side_px)
    return _letterboxed(sample, rng) if rng.random() < 0.2 else sample


def _corners_covered(picture: Picture, rng: np.random.Generator) -> Picture:
    """Now and then a corner hidden by a piece from elsewhere: burnt-in scale bars differ by slide, hence by class."""
    corners = [(1, 1)] if rng.random() < 0.5 else []
    corners += [(x, y) for x in (0, 1) for y in (0, 1) if rng.random() < 0.1]
    if not corners:
        return picture
    share_w, share_h = rng.uniform(0.12, 0.3), rng.uniform(0.07, 0.18)
    from_x, from_y = rng.uniform(0.0, 1.0), rng.uniform(0.0, 1.0)
    levels = []
    for level in picture.levels:
        covered = level.copy()
        height, width = level.shape[:2]
        w, h = max(1, int(width * share_w)), max(1, int(height * share_h))
        x, y = int((width - w) * from_x), int((height - h) * from_y)
        piece = level[y : y + h, x : x + w]
        for right, low in corners:
            left, top = (width - w) * right, (height - h) * low
            covered[top : top + h, left : left + w] = piece
        levels.append(covered)
    return replace(picture, levels=tuple(levels))


def _letterboxed(sample: Sample, rng: np.random.Generator) -> Sample:
    """As if the field were oblong: bands of padding above and below, or left and right."""
    side = len(sample.image)
    band = int(side * rng.uniform(0.05, 0.2))
    image, inside = sample.image.copy(), sample.inside.copy()
    upright = rng.random() < 0.5
    for edge in (slice(0, band), slice(side - band, side)):
        where = (slice(None), edge) if upright else (edge, slice(None))
        image[where], inside[where] = 255, 0
    return replace(sample, image=image, inside=inside)
