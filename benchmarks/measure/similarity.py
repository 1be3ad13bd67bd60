"""Structural similarity of two maps (Wang et al. 2004, IEEE Transactions on Image Processing 13:600)."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

SIGMA, WINDOW = 1.5, 11
K1, K2 = 0.01, 0.03


def ssim(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Mean over the plane of two maps [h, w], each first brought to 0..1; -1 to 1, 1 for equal maps."""
    a, b = _unit(one), _unit(other)
    mean_a, mean_b = _blurred(a), _blurred(b)
    spread_a = _blurred(a * a) - mean_a**2
    spread_b = _blurred(b * b) - mean_b**2
    together = _blurred(a * b) - mean_a * mean_b
    c1, c2 = K1**2, K2**2
    top = (2 * mean_a * mean_b + c1) * (2 * together + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2)
    return float((top / bottom).mean())


def _unit(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Least to 0, greatest to 1; a constant map to 0."""
    wide = values.astype(np.float64)
    low, high = float(wide.min()), float(wide.max())
    return (wide - low) / (high - low) if high > low else np.zeros_like(wide)


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred: NDArray[np.float64] = cv2.GaussianBlur(
        values, (WINDOW, WINDOW), SIGMA, borderType=cv2.BORDER_REFLECT_101
    )
    return blurred
