"""A field as it is registered: a small grey picture, its detail without shading, and two spectra of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.spectrum import Tile, whitened

SIDE_PX = 256
"""Longest side of a picture: a white cell of 80 px on a field of 640 px is 32 px here."""
COARSE = 4
"""How many picture pixels make one pixel of the coarse tile, with which the whole map is searched."""
SHADE_PX = 6.0
"""Sigma of what counts as shade: smaller than a red cell's distance to the next, so that only outlines stay."""
GRAIN_PX = 0.8
"""Sigma of the blur against grain."""
CLIP = 3.0
"""Detail beyond so many deviations is cut: a speck on the camera must not outweigh a field of cells."""
MIN_DETAIL = 0.6
"""Deviation, grey levels, under which a picture shows nothing by which it could be placed (our choice; grain of an empty field comes to 0.3)."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What registration needs of a field; picture pixels throughout."""

    detail: Tile
    """[h, w], deviations from the shade, about one in size."""
    fine: Tile
    """[SIDE_PX, SIDE_PX], packed whitened spectrum."""
    coarse: Tile
    """[SIDE_PX / COARSE] squared, likewise."""


def reduce(pixels: NDArray[np.uint8], picture_px_per_px: float) -> NDArray[np.uint8]:
    """[h, w] grey picture of a field [H, W, 3]; `picture_px_per_px` at most 1 shrinks it, never distorted."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    whole = max(1, int(1 / picture_px_per_px))
    if whole > 1:
        # By a whole number first: OpenCV's area filter is five times as quick there.
        height, width = (side // whole for side in grey.shape)
        inner = grey[: height * whole, : width * whole]
        grey = cv2.resize(inner, (width, height), interpolation=cv2.INTER_AREA)
    rest = picture_px_per_px * whole
    small = cv2.resize(grey, None, fx=rest, fy=rest, interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)[:SIDE_PX, :SIDE_PX]


def detail_of(grey: NDArray[np.uint8]) -> Tile | None:
    """[h, w] the picture less its shade, over its typical size, clipped; None where there is nothing to see."""
    light = grey.astype(np.float32)
    fine = cv2.GaussianBlur(light, (0, 0), GRAIN_PX)
    detail = fine - cv2.GaussianBlur(fine, (0, 0), SHADE_PX)
    spread = float(detail.std())
    if spread < MIN_DETAIL:
        return None
    limit = CLIP * float(np.abs(detail).mean())
    clipped: Tile = np.clip(detail, -limit, limit) / np.float32(spread)
    return clipped


def picture_of(grey: NDArray[np.uint8]) -> Picture | None:
    """The picture of a reduced field [h, w]; None where it shows too little."""
    detail = detail_of(grey)
    if detail is None:
        return None
    return Picture(detail, whitened(detail, SIDE_PX), _coarse(detail))


def _coarse(detail: Tile) -> Tile:
    height, width = (max(1, side // COARSE) for side in detail.shape)
    inner = np.ascontiguousarray(detail[: height * COARSE, : width * COARSE])
    small = cv2.resize(inner, (width, height), interpolation=cv2.INTER_AREA)
    return whitened(np.asarray(small, np.float32), SIDE_PX // COARSE)
