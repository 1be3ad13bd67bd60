"""What is measured of one cell in its window."""

import math

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

CHAIN_CORRECTION = 0.948
"""Kulpa (1977), doi 10.1016/S0146-664X(77)80021-X: a chain of pixel steps is longer than the curve it follows."""


def nucleus_ratio(indices: NDArray[np.uint8]) -> float | None:
    """Area of the nucleus (2) over that of the cytoplasm (1) in [h, w]; None where there is no cytoplasm."""
    cytoplasm = int((indices == 1).sum())
    return int((indices == 2).sum()) / cytoplasm if cytoplasm else None


def roundness(region: NDArray[np.bool_]) -> float:
    """4 pi A / P^2 of the region's outer outline, at most 1, which is a disc; 0 for an empty region."""
    outlines, _ = cv2.findContours(
        np.pad(region.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    if not outlines:
        return 0.0
    chain = max(float(cv2.arcLength(outline, True)) for outline in outlines)
    # The chain joins pixel centres: the border lies half a pixel further out, pi pixels longer in all.
    perimeter = CHAIN_CORRECTION * chain + math.pi
    return min(1.0, 4 * math.pi * float(region.sum()) / perimeter**2)


def equivalent_diameter(area_px: float) -> float:
    """Of the disc with this area, pixels."""
    return math.sqrt(4 * area_px / math.pi)
