"""How sure a drop is: intervals over slides or patients, and the least that n images can ever show."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.metrics.intervals import RESAMPLES, SEED, Ratio, count_groups, resampled

LEVEL = 0.95
CHUNK = 100
BISECTIONS = 60


@dataclass(frozen=True)
class Bounds:
    """Of a drop, in its own unit; None where fewer than two groups count for it."""

    interval: tuple[float, float] | None
    """Two-sided, 95 %: percentiles of a paired bootstrap by group."""
    upper: float | None
    """One-sided, 95 %: the drop is taken to be no greater."""
    groups: int


def bounds_of_drop(reference: Ratio, variant: Ratio, groups: Sequence[str]) -> Bounds:
    """Of `reference` less `variant` on the same images, drawn together by whole groups."""
    draws = resampled(reference, groups) - resampled(variant, groups)
    return _bounds(draws, max(count_groups(reference, groups), count_groups(variant, groups)))


def bounds_of_losses(delta: NDArray[np.int64], groups: Sequence[str]) -> Bounds:
    """Of the mean of `delta` [n]: 1 where an image was lost, -1 where one was gained, else 0.

    A bootstrap draws only what it has seen: without losses its bound would be nought, however few the images. So the
    upper bound is never below the exact one of as many net losses among independent images (our choice).
    """
    ratio = Ratio(delta, np.ones_like(delta))
    found = _bounds(resampled(ratio, groups), count_groups(ratio, groups))
    if found.upper is None:
        return found
    floor = exact_bound(max(0, int(delta.sum())), len(delta))
    return Bounds(found.interval, max(found.upper, floor), found.groups)


def bounds_of_median_drop(values: NDArray[np.float64], groups: Sequence[str]) -> Bounds:
    """Of 1 less the median of `values` [n], whole groups drawn."""
    count = len(set(groups))
    return _bounds(1 - resampled_medians(values, groups), count)


def exact_bound(count: int, n: int) -> float:
    """Exact one-sided 95 % upper bound of a share of which `n` independent images show `count`.

    Clopper and Pearson 1934 (Biometrika 26:404): the share at which so few or fewer have a chance of 5 %. Without any,
    1 - 0.05^(1/n), about 3 / n: 598 images for 0.005, 149 for 0.02.
    """
    if count >= n:
        return 1.0
    low, high = count / n, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(count, n, middle) > 1 - LEVEL else (low, middle)
    return high


def _chance(count: int, n: int, share: float) -> float:
    """Of at most `count` among `n`, 0 < share < 1."""
    k = np.arange(1, count + 1)
    choose = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))])
    logs = choose + np.arange(count + 1) * log(share) + (n - np.arange(count + 1)) * log1p(-share)
    return float(np.exp(logs).sum())


def resampled_medians(
    values: NDArray[np.float64],
    groups: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> NDArray[np.float64]:
    """Medians [resamples] when as many groups as there are are drawn with replacement; NaN without images."""
    if not len(values):
        return np.full(resamples, np.nan)
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    order = np.argsort(values, kind="stable")
    parts = [
        _medians(values[order], times[start : start + CHUNK][:, member[order]])
        for start in range(0, resamples, CHUNK)
    ]
    return np.concatenate(parts)


def _medians(ascending: NDArray[np.float64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Median of each row when value j is there `times[row, j]` times; every row has at least one."""
    upto = times.cumsum(axis=1)
    total = upto[:, -1:]
    low = ascending[(upto <= (total - 1) // 2).sum(axis=1)]
    high = ascending[(upto <= total // 2).sum(axis=1)]
    middle: NDArray[np.float64] = (low + high) / 2
    return middle


def _bounds(draws: NDArray[np.float64], groups: int) -> Bounds:
    known = draws[~np.isnan(draws)]
    if groups < 2 or not len(known):
        return Bounds(None, None, groups)
    tail = (1 - LEVEL) / 2
    low, upper, high = np.quantile(known, [tail, LEVEL, 1 - tail])
    return Bounds((float(low), float(high)), float(upper), groups)
