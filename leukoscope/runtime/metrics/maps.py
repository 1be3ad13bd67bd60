"""How well two Grad-CAM maps agree, and how much of a map lies on cells."""

import numpy as np
from numpy.typing import NDArray

TOP_SHARE = 0.1


def rank_agreement(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Spearman's rho of two maps of one shape, ties ranked by their average, -1 to 1.

    Both constant: 1. One constant: 0 (our choice; rho itself is undefined there).
    """
    flat, still = _is_flat(reference), _is_flat(other)
    if flat or still:
        return 1.0 if flat and still else 0.0
    a, b = _centred_ranks(reference), _centred_ranks(other)
    rho = float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    return min(1.0, max(-1.0, rho))


def top_overlap(reference: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Share of the top tenth of the positions (rounded up) that two maps have in common, 0 to 1.

    Of equal values the first positions count as higher. Constant maps: as for `rank_agreement`.
    """
    flat, still = _is_flat(reference), _is_flat(other)
    if flat or still:
        return 1.0 if flat and still else 0.0
    count = int(np.ceil(TOP_SHARE * reference.size))
    return len(_top(reference, count) & _top(other, count)) / count


def energy_share(energy: NDArray[np.floating], region: NDArray[np.bool_]) -> float | None:
    """Share of a non-negative map's sum that lies in `region` of the same shape; None for a zero map."""
    total = float(energy.sum(dtype=np.float64))
    if total <= 0:
        return None
    return min(1.0, float(energy[region].sum(dtype=np.float64)) / total)


def average_ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ranks from 1 of the flattened values; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means = last - (counts - 1) / 2.0
    ranks: NDArray[np.float64] = means[place.ravel()]
    return ranks


def _centred_ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return average_ranks(values) - (values.size + 1) / 2.0


def _is_flat(values: NDArray[np.floating]) -> bool:
    return bool(values.min() == values.max())


def _top(values: NDArray[np.floating], count: int) -> set[int]:
    return set(np.argsort(-values.ravel(), kind="stable")[:count].tolist())
