"""The heat map: colours, blending, and the bar that explains them."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.sinks.lettering import Picture

STRONGEST = 0.55
"""Opacity of the highest heat; the lowest is clear, so that the stain stays visible (our choice)."""
CLEAR_BELOW = 0.15
"""Heat under this is not shown at all."""


def colours(heat: NDArray[np.float32]) -> Picture:
    """Heat 0..1 of any shape [h, w] -> RGB [h, w, 3]."""
    levels = np.round(heat * 255).astype(np.uint8)
    return np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_TURBO)[:, :, ::-1])


def opacity(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of the picture a heat hides, 0 to STRONGEST."""
    shown = np.clip((heat - CLEAR_BELOW) / (1 - CLEAR_BELOW), 0, 1)
    share: NDArray[np.float32] = (STRONGEST * shown).astype(np.float32)
    return share


def blend(picture: Picture, heat: NDArray[np.float32]) -> Picture:
    """The picture [H, W, 3] under its heat [H, W]."""
    share = opacity(heat)[:, :, None]
    return np.round(picture * (1 - share) + colours(heat) * share).astype(np.uint8)


def bar(width: int, height: int, ground: int = 235) -> Picture:
    """The scale from low to high as it looks on a pale ground."""
    ramp = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    return blend(np.full((height, width, 3), ground, np.uint8), ramp)
