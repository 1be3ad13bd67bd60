"""The heat map: colours, blending, and the bar that explains them.

Heat is 0 to 1, in one ramp of colours; a signed map's is -1 to 1, in two colours, one for each sign.
"""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.sinks.lettering import Colour, Picture

STRONGEST = 0.55
"""Opacity of the highest heat; the lowest is clear, so that the stain stays visible (our choice)."""
CLEAR_BELOW = 0.15
"""Heat under this is not shown at all."""
FOR: Colour = (213, 94, 0)
AGAINST: Colour = (0, 158, 115)
"""Vermilion and bluish green of Okabe and Ito (2008): told apart by the colour-blind, and no stain has them."""


def colours(heat: NDArray[np.float32], *, signed: bool = False) -> Picture:
    """Heat of any shape [h, w] -> RGB [h, w, 3]."""
    if signed:
        return np.where(heat[:, :, None] < 0, AGAINST, FOR).astype(np.uint8)
    levels = np.round(heat * 255).astype(np.uint8)
    return np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_TURBO)[:, :, ::-1])


def opacity(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of the picture a heat of either sign hides, 0 to STRONGEST."""
    shown = np.clip((np.abs(heat) - CLEAR_BELOW) / (1 - CLEAR_BELOW), 0, 1)
    share: NDArray[np.float32] = (STRONGEST * shown).astype(np.float32)
    return share


def blend(picture: Picture, heat: NDArray[np.float32], *, signed: bool = False) -> Picture:
    """The picture [H, W, 3] under its heat [H, W]."""
    share = opacity(heat)[:, :, None]
    return np.round(picture * (1 - share) + colours(heat, signed=signed) * share).astype(np.uint8)


def bar(width: int, height: int, ground: int = 235, *, signed: bool = False) -> Picture:
    """The scale from low (0, or -1 where signed) to high as it looks on a pale ground."""
    ramp = np.tile(np.linspace(-1 if signed else 0, 1, width, dtype=np.float32), (height, 1))
    return blend(np.full((height, width, 3), ground, np.uint8), ramp, signed=signed)
