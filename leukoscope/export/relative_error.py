"""How far two arrays are apart, by image and where it makes sense by class."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.export.evidence import EVIDENCE

BY_CLASS = ("cams", EVIDENCE, "mask")
"""Outputs whose second axis is classes: each class is held to the tolerance for itself."""


def relative_errors(
    name: str,
    ours: NDArray[np.float32],
    wanted: NDArray[np.float32],
    least: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """max|a - b| / max|b| by image [B, 1], or by class and image [B, K] for the outputs by class.

    max|b| is taken as `least` (of the same shape) where it is smaller than that. Where it is zero nevertheless, the
    largest |b| of the same image takes its place, and where that is zero too the error is max|a| itself: so nought
    against nought is nought, and anything against nought is an error. A shape that is wrong or a value that is
    not finite gives infinity.
    """
    classes = wanted.shape[1] if name in BY_CLASS else 1
    if ours.shape != wanted.shape or not np.isfinite(ours).all():
        return np.full((len(wanted), classes), np.inf)
    difference = ours.astype(np.float64) - wanted
    scale = largest(wanted, classes)
    of_image = scale.max(1, keepdims=True)
    if least is not None:
        scale = np.maximum(scale, least)
    scale = np.where(scale > 0, scale, np.where(of_image > 0, of_image, 1.0))
    errors: NDArray[np.float64] = largest(difference, classes) / scale
    return errors


def largest(values: NDArray[Any], classes: int | None = None) -> NDArray[np.float64]:
    """Largest absolute value of `values` [B, ...] as [B, classes]; by default the second axis is the classes."""
    planes = values.reshape(len(values), classes or values.shape[1], -1)
    largest: NDArray[np.float64] = np.abs(planes).max(2).astype(np.float64)
    return largest
