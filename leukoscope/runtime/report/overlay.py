"""A map on its image as the report prints it: the image in pale grey, darkened by a ramp of colours where evidence is.

The ramp's lightness falls all the way and multiplies the image's: more evidence is darker on any ground, in greyscale
too, and the cells stay to be seen.
"""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

LONGEST_PX = 256
JPEG_QUALITY = 88
PALEST = 130
"""Grey level that black becomes: without evidence nothing is as dark as the map's strongest values (our choice)."""
STOPS = (0.0, 0.25, 0.5, 0.75, 1.0)
RAMP = np.array([(255, 255, 255), (254, 217, 118), (253, 141, 60), (212, 32, 38), (84, 0, 38)])

Pixels = NDArray[np.uint8]


def picture(pixels: Pixels) -> bytes:
    """RGB [H, W, 3] as a JPEG of at most 256 px."""
    return _jpeg(reduced(pixels))


def overlay(pixels: Pixels, heat: NDArray[np.float32]) -> bytes:
    """The map [H, W], 0 to 1, on its image, as a JPEG of at most 256 px."""
    small = reduced(pixels)
    laid = cv2.resize(heat, small.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    return _jpeg(shaded(small, np.clip(laid, 0, 1)))


def shaded(pixels: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """RGB [H, W, 3] under heat [H, W]."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ground = (PALEST + grey * (255 - PALEST) / 255)[:, :, None]
    colours = np.stack([np.interp(heat, STOPS, RAMP[:, c]) for c in range(3)], axis=2)
    mixed: Pixels = np.round(ground * colours / 255).astype(np.uint8)
    return mixed


def reduced(pixels: Pixels) -> Pixels:
    """At most 256 px on the longer side, never enlarged."""
    height, width = pixels.shape[:2]
    ratio = LONGEST_PX / max(height, width)
    if ratio >= 1:
        return pixels
    size_px = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return cv2.resize(pixels, size_px, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _jpeg(pixels: Pixels) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[:, :, ::-1]), flags)
    return bytes(data)
