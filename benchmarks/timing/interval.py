"""A figure with its interval: the median over turns, and how far it would move if the turns were drawn again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES, SEED = 2000, 0
COVERED = 0.95
Values = NDArray[np.float64] | Sequence[float]


@dataclass(frozen=True)
class Interval:
    """`low` to `high` cover the median with COVERED; `n` values lie behind it. Of one value the three are equal."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}

    def words(self, digits: int = 1) -> str:
        """'17.3 (16.9 to 18.1)'."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def interval_from(values: Mapping[str, Any]) -> Interval:
    """Back from `to_json`."""
    return Interval(values["value"], values["low"], values["high"], values["n"])


def interval_of(values: Values) -> Interval:
    """The median and its percentile bootstrap interval (Efron 1979). ValueError where there are no finite values."""
    known = np.asarray(values, np.float64)
    if not known.size or not np.isfinite(known).all():
        raise ValueError(f"no median of {known.tolist()[:5]}")
    drawn = np.random.default_rng(SEED).integers(0, len(known), (RESAMPLES, len(known)))
    medians = np.median(known[drawn], axis=1)
    low, high = np.quantile(medians, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return Interval(float(np.median(known)), float(low), float(high), len(known))


def ratio_of(upper: Values, lower: Values) -> Interval:
    """`upper` over `lower`, turn by turn: what slowed a turn slowed both."""
    return interval_of(np.asarray(upper, np.float64) / np.asarray(lower, np.float64))
