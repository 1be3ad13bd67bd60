"""Accuracy, recall, F1 and calibration error of probabilities against labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


@dataclass(frozen=True)
class Classification:
    """Fractions 0 to 1; None where undefined: no image at all, or a class that no label names."""

    accuracy: float | None
    balanced_accuracy: float | None
    """Mean of the recalls that are defined."""
    f1_macro: float | None
    """Mean of the F1 that are defined: over the classes that labels name."""
    recall: dict[str, float | None]
    f1: dict[str, float | None]
    ece: float | None


def score_classes(
    truth: NDArray[np.intp], probabilities: NDArray[np.floating], classes: Sequence[str]
) -> Classification:
    """Scores `probabilities` [n, K] against `truth` [n], indices into `classes`; the vote is the argmax."""
    voted = probabilities.argmax(axis=1) if len(truth) else np.zeros(0, np.intp)
    recall = [_ratio(_hits(truth, voted, k), (truth == k).sum()) for k in range(len(classes))]
    f1 = [_f1(truth, voted, k) for k in range(len(classes))]
    return Classification(
        accuracy=_ratio((truth == voted).sum(), len(truth)),
        balanced_accuracy=_mean(recall),
        f1_macro=_mean(f1),
        recall=dict(zip(classes, recall, strict=True)),
        f1=dict(zip(classes, f1, strict=True)),
        ece=calibration_error(truth, probabilities) if len(truth) else None,
    )


def calibration_error(truth: NDArray[np.intp], probabilities: NDArray[np.floating]) -> float:
    """Expected calibration error of the top probability (Guo et al. 2017, arXiv 1706.04599).

    15 bins of equal width, each open below and closed above; weighted by the images in a bin.
    """
    top = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == truth
    bins = np.searchsorted(np.arange(1, ECE_BINS) / ECE_BINS, top, side="left")
    surplus = np.bincount(bins, weights=top - right, minlength=ECE_BINS)
    return float(np.abs(surplus).sum() / len(truth))


def _hits(truth: NDArray[np.intp], voted: NDArray[np.intp], k: int) -> int:
    return int(((truth == k) & (voted == k)).sum())


def _f1(truth: NDArray[np.intp], voted: NDArray[np.intp], k: int) -> float | None:
    labelled = int((truth == k).sum())
    if not labelled:
        return None
    return 2 * _hits(truth, voted, k) / (labelled + int((voted == k).sum()))


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
