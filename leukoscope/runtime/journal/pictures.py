"""A kept field as it looked: JPEG of the field, PNG of its mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.classes import MASK_CODES
from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result

JPEG_QUALITY = 90
"""Cells look as they did; a painted field of 640 x 480 takes 30 to 60 kB with its mask (our choice)."""
PNG_LEVEL = 1
"""A mask of three greys is small at the fastest level."""


@dataclass(frozen=True, eq=False)
class Picture:
    """The bytes of two image files."""

    jpeg: bytes
    mask: bytes | None
    """PNG of the greys MASK_CODES, at the field's own size; None where there is no mask."""

    @property
    def size_bytes(self) -> int:
        """What it takes of the budget."""
        return len(self.jpeg) + len(self.mask or b"")


def picture_of(result: Result) -> Picture:
    """Encodes the field and its mask; some milliseconds, so only for what is kept."""
    mask = None if result.mask is None else _png(np.array(MASK_CODES, np.uint8)[result.mask])
    return Picture(jpeg_of(result.frame.pixels), mask)


def jpeg_of(pixels: NDArray[np.uint8]) -> bytes:
    """RGB [H, W, 3] as JPEG."""
    quality = [int(cv2.IMWRITE_JPEG_QUALITY), JPEG_QUALITY]
    done = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), quality)
    data: bytes = done[1].tobytes()
    return data


def _png(grey: NDArray[np.uint8]) -> bytes:
    data: bytes = cv2.imencode(".png", grey, [int(cv2.IMWRITE_PNG_COMPRESSION), PNG_LEVEL])[
        1
    ].tobytes()
    return data
