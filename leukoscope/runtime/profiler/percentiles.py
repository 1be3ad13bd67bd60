"""Percentiles that the samples can carry, and none that they cannot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
"""That the greatest sample lies above the percentile, before the percentile is printed (Wilks 1941)."""
PERCENTS = (50, 90, 95, 99)


@dataclass(frozen=True)
class Distribution:
    """Of `n` samples; a percentile that they cannot carry is None, and `missing` says why."""

    n: int
    mean: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    max: float | None
    jitter: float | None
    """p99 - p50."""
    missing: tuple[str, ...] = ()


def needed(percent: float) -> int:
    """Samples that a percentile takes: 5 for the median, 29 for p90, 59 for p95, 299 for p99.

    With so many the greatest of them lies above the percentile with a probability of CONFIDENCE: with fewer what is
    called p99 is likely to be the maximum of a part of the distribution that has not shown its tail.
    """
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(percent / 100))


def distribution(values: Sequence[float]) -> Distribution:
    """Of any finite numbers, such as milliseconds."""
    known = {percent: percentile(values, percent) for percent in PERCENTS}
    p50, p90, p95, p99 = (known[percent] for percent in PERCENTS)
    return Distribution(
        n=len(values),
        mean=float(np.mean(values)) if values else None,
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        max=float(max(values)) if values else None,
        jitter=None if p99 is None or p50 is None else p99 - p50,
        missing=tuple(_lacks(percent, len(values)) for percent, p in known.items() if p is None),
    )


def percentile(values: Sequence[float], percent: float) -> float | None:
    """By linear interpolation between the two nearest samples; None where there are too few."""
    if len(values) < needed(percent):
        return None
    return float(np.percentile(np.asarray(values, np.float64), percent))


def median(values: Sequence[float]) -> float | None:
    """The middle of however many there are; None of none."""
    return float(np.median(np.asarray(values, np.float64))) if len(values) else None


def round_medians(values: Sequence[float], rounds: int) -> tuple[float, ...]:
    """The medians of `rounds` parts of the samples, one after the other and as good as equal; () where one is empty."""
    if len(values) < rounds:
        return ()
    parts = np.array_split(np.asarray(values, np.float64), rounds)
    return tuple(float(np.median(part)) for part in parts)


def _lacks(percent: int, n: int) -> str:
    return f"p{percent} takes {needed(percent)} samples, there are {n}"
