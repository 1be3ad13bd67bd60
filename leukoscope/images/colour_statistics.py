"""Where many fields' colours lie: mean, covariance, and how far from it the fields themselves are.

statistics = statistics_of(vectors)                 # [n, D]
statistics.distance(vector)                         # Mahalanobis, the covariance shrunk towards its diagonal
ColourStatistics.from_json(statistics.to_json())    # strict: InputError names what is wrong
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError

MIN_FIELDS = 30
"""Fewer say nothing of a covariance."""
TRIMMED = 0.02
"""The share of the fields, the farthest, that mean and covariance do not count: smudges, and fields without cells."""
SHRINKAGE = 0.1
FLOOR = 1e-4
"""Added to every variance: what coding and reducing do to a field's numbers, 0.01 of each (our choice)."""
USUAL_PERCENTILE, LIMIT_PERCENTILE = 95.0, 99.5
DIGITS = 6
"""Significant ones that are written."""
MOST_NUMBERS, GREATEST = 64, 1e6


@dataclass(frozen=True, eq=False)
class ColourStatistics:
    """Of `fields` fields, with `D` numbers each."""

    fields: int
    mean: NDArray[np.float64]
    """[D]."""
    covariance: NDArray[np.float64]
    """[D, D], as measured."""
    usual: float
    """Nineteen of twenty of the fields lie nearer: the limit for what a whole session's middle may reach."""
    limit: float
    """All but one in two hundred of the fields lie nearer: the limit for a single field."""

    @cached_property
    def _whitening(self) -> NDArray[np.float64]:
        return whitening(self.covariance)

    def distance(self, vector: NDArray[np.float64]) -> float:
        """Mahalanobis distance of a vector [D] from the mean."""
        return float(np.linalg.norm(self._whitening @ (vector - self.mean)))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, numbers to six digits."""
        return {
            "fields": self.fields,
            "mean": [_rounded(one) for one in self.mean],
            "covariance": [[_rounded(one) for one in row] for row in self.covariance],
            "usual": _rounded(self.usual),
            "limit": _rounded(self.limit),
        }

    @classmethod
    def from_json(cls, value: Any, where: str = "colours") -> "ColourStatistics":
        """InputError for a key too many or too few, no number, an infinity, sizes that differ, or no covariance."""
        keys = ("fields", "mean", "covariance", "usual", "limit")
        if not isinstance(value, Mapping) or set(value) != set(keys):
            raise InputError(
                f"{where} is no colour statistics", wanted=f"exactly {', '.join(keys)}"
            )
        fields = value["fields"]
        if type(fields) is not int or not MIN_FIELDS <= fields < 2**53:
            raise InputError(f"{where}: fields", wanted=f"a whole number from {MIN_FIELDS}")
        mean = np.array(_numbers(value["mean"], f"{where}: mean"))
        covariance = _covariance(value["covariance"], len(mean), f"{where}: covariance")
        usual, limit = _numbers([value["usual"], value["limit"]], f"{where}: usual, limit")
        if not 0 < usual <= limit:
            raise InputError(f"{where}: usual, limit", wanted="two numbers above 0 in order")
        return cls(fields, mean, covariance, usual, limit)


def statistics_of(vectors: NDArray[np.float64]) -> ColourStatistics:
    """Of vectors [n, D]; InputError for fewer than MIN_FIELDS."""
    if len(vectors) < MIN_FIELDS:
        raise InputError(f"{len(vectors)} fields", wanted=f"at least {MIN_FIELDS}")
    first = _distances(vectors, vectors)
    kept = vectors[first <= np.quantile(first, 1 - TRIMMED)]
    usual, limit = np.percentile(_distances(vectors, kept), [USUAL_PERCENTILE, LIMIT_PERCENTILE])
    return ColourStatistics(
        len(vectors),
        kept.mean(axis=0),
        np.cov(kept.T),
        float(usual),
        float(limit),
    )


def whitening(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """[D, D] that brings the shrunk covariance to the unit matrix; LinAlgError where it is none."""
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diag(covariance))
    factor = np.linalg.cholesky(shrunk + FLOOR * np.eye(len(covariance)))
    return np.asarray(np.linalg.inv(factor))


def _distances(vectors: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n] Mahalanobis distances of `vectors` from the fields `of`."""
    apart = (vectors - of.mean(axis=0)) @ whitening(np.cov(of.T)).T
    return np.asarray(np.linalg.norm(apart, axis=1))


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _numbers(value: Any, where: str) -> list[float]:
    good = isinstance(value, (list, tuple)) and 1 <= len(value) <= MOST_NUMBERS
    good = good and all(type(one) in (int, float) for one in value)
    good = good and all(abs(one) <= GREATEST for one in value)  # neither NaN nor infinity is
    if not good:
        raise InputError(where, wanted=f"1 to {MOST_NUMBERS} numbers of at most {GREATEST:g}")
    return [float(one) for one in value]


def _covariance(value: Any, size: int, where: str) -> NDArray[np.float64]:
    wanted = f"a covariance of {size} x {size}"
    if not isinstance(value, (list, tuple)) or len(value) != size:
        raise InputError(where, wanted=wanted)
    rows = [_numbers(row, where) for row in value]
    if any(len(row) != size for row in rows):
        raise InputError(where, wanted=wanted)
    covariance = np.array(rows)
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=0) or (
        covariance.diagonal().min() < 0
    ):
        raise InputError(where, wanted=wanted)
    try:
        whitening(covariance)
    except np.linalg.LinAlgError as cause:
        raise InputError(where, wanted=wanted) from cause
    return covariance
