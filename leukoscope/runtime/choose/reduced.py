"""The reduced copy that motion, light and cover are measured on: the green plane, about 200 pixels wide.

Haemoglobin, eosin and the nuclei's dyes all absorb green, so every cell is dark in it.
"""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Green = NDArray[np.uint8]
"""[h, w], 0 to 255."""

MIDDLE_PX = 480
"""Width that a first, cheap step comes down to: it reads four pixels of each block."""
REDUCED_PX = 200
"""Least width of the copy, where the frame has it; the greatest is twice that."""
GREEN = 1


class Reducer:
    """Makes reduced copies of frames, in buffers that are made anew only for another size."""

    def __init__(self) -> None:
        self._middle = np.empty((0, 0, 3), np.uint8)
        self._small = np.empty((0, 0, 3), np.uint8)
        self._green = np.empty((0, 0), np.uint8)

    def __call__(self, pixels: NDArray[np.uint8]) -> Green:
        """The green plane of `pixels` [H, W, 3] by a whole factor; what does not divide is left out.

        The array is used again for the next frame.
        """
        self._middle = _by_whole_factor(pixels, MIDDLE_PX, cv2.INTER_LINEAR, self._middle)
        self._small = _by_whole_factor(self._middle, REDUCED_PX, cv2.INTER_AREA, self._small)
        if self._green.shape != self._small.shape[:2]:
            self._green = np.empty(self._small.shape[:2], np.uint8)
        cv2.extractChannel(self._small, GREEN, dst=self._green)
        return self._green


def _by_whole_factor(
    pixels: NDArray[np.uint8], least_px: int, interpolation: int, into: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """`pixels` reduced by the greatest whole factor that leaves `least_px` of width, or themselves."""
    height, width = pixels.shape[:2]
    factor = min(max(1, width // least_px), height)
    if factor == 1:
        return pixels
    size = (width // factor, height // factor)
    if into.shape[:2] != size[::-1] or into is pixels:
        into = np.empty((size[1], size[0], 3), np.uint8)
    whole = pixels[: size[1] * factor, : size[0] * factor]
    cv2.resize(whole, size, dst=into, interpolation=interpolation)
    return into
