"""Intervals for figures on images that come in groups: bootstrap over slides or patients, and Wilson's beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 2000
SEED = 1

Numbers = NDArray[np.floating] | NDArray[np.integer]


@dataclass(frozen=True)
class Interval:
    """Ends of a confidence interval, in the figure's own unit."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Ratio:
    """A figure that is a sum over images divided by a sum over images: accuracy, recall, pooled IoU, a mean.

    `parts` and `wholes` are [n], or [n, K] for the mean of K such ratios (balanced accuracy: hits and images by
    class). A ratio whose whole is nought is undefined and left out of the mean. Raises ValueError for other shapes.
    """

    parts: Numbers
    wholes: Numbers

    def __post_init__(self) -> None:
        if self.parts.shape != self.wholes.shape or self.parts.ndim not in (1, 2):
            raise ValueError(f"parts {self.parts.shape} and wholes {self.wholes.shape}")

    def value(self) -> float | None:
        """The figure over all images; None where it is undefined."""
        found = _mean_ratios(_columns(self.parts).sum(0)[None], _columns(self.wholes).sum(0)[None])
        return None if np.isnan(found[0]) else float(found[0])


def wilson(hits: int, n: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson's score interval of a share (Wilson 1927, JASA 22:209); None without images.

    It takes images for independent; those of one slide are not, so it is too narrow for them. Raises ValueError
    where `hits` is not between 0 and `n`.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits of {n}")
    if n == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, scale = hits / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Interval(low, high)


def bootstrap(
    ratio: Ratio,
    groups: Sequence[str],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """Percentile interval of a figure when whole groups are drawn anew (Efron and Tibshirani 1993, chapter 13).

    `groups` names each image's group. None where fewer than two groups count for the figure. With few groups it
    is too narrow; say how many there were.
    """
    draws = resampled(ratio, groups, resamples=resamples, seed=seed)
    return None if count_groups(ratio, groups) < 2 else _percentiles(draws, confidence)


def bootstrap_difference(
    one: Ratio,
    other: Ratio,
    groups: Sequence[str],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """Percentile interval of `one` less `other` on the same images, both drawn together; None as for `bootstrap`."""
    differences = resampled(one, groups, resamples=resamples, seed=seed)
    differences = differences - resampled(other, groups, resamples=resamples, seed=seed)
    if min(count_groups(one, groups), count_groups(other, groups)) < 2:
        return None
    return _percentiles(differences, confidence)


def resampled(
    ratio: Ratio, groups: Sequence[str], *, resamples: int = RESAMPLES, seed: int = SEED
) -> NDArray[np.float64]:
    """The figure [resamples] under draws of as many groups as there are, with replacement; NaN where undefined.

    The same groups and seed give the same draws, so that two figures can be compared draw by draw. Raises
    ValueError unless every image has a group.
    """
    parts, wholes = _columns(ratio.parts), _columns(ratio.wholes)
    times, member = _draws(groups, len(parts), resamples, seed)
    count = times.shape[1]
    return _mean_ratios(
        times @ _by_group(parts, member, count), times @ _by_group(wholes, member, count)
    )


def count_groups(ratio: Ratio, groups: Sequence[str]) -> int:
    """How many groups count for the figure: those in which its whole is not nought."""
    counted = (_columns(ratio.wholes) != 0).any(axis=1)
    return len({group for group, counts in zip(groups, counted, strict=True) if counts})


def _draws(
    groups: Sequence[str], images: int, resamples: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """How often each draw takes each group [resamples, groups], and each image's group [images]."""
    if len(groups) != images:
        raise ValueError(f"{len(groups)} groups for {images} images")
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    count = len(names)
    if not count:
        return np.zeros((resamples, 0)), member
    times = np.random.default_rng(seed).multinomial(
        count, np.full(count, 1 / count), size=resamples
    )
    return times.astype(np.float64), member


def _columns(values: Numbers) -> NDArray[np.float64]:
    wide = values.astype(np.float64)
    return wide[:, None] if wide.ndim == 1 else wide


def _by_group(
    values: NDArray[np.float64], member: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, member, values)
    return sums


def _mean_ratios(parts: NDArray[np.float64], wholes: NDArray[np.float64]) -> NDArray[np.float64]:
    """[R, K] and [R, K] -> [R], the mean of the ratios that are defined."""
    defined = wholes != 0
    ratios = np.divide(parts, wholes, out=np.zeros_like(parts), where=defined)
    counts = defined.sum(1)
    means: NDArray[np.float64] = np.full(len(parts), np.nan)
    np.divide(ratios.sum(1), counts, out=means, where=counts > 0)
    return means


def _percentiles(draws: NDArray[np.float64], confidence: float) -> Interval | None:
    known = draws[~np.isnan(draws)]
    if not len(known):
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Interval(float(low), float(high))
