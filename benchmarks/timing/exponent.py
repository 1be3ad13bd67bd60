"""How cost grows: the exponent of a power law, with its interval."""

import numpy as np

from timing.interval import COVERED, RESAMPLES, SEED, Interval, Values


def exponent_of(sizes: Values, costs: Values) -> Interval:
    """B of cost = a * size^b, least squares of the logarithms; the pairs are drawn again for the interval.

    Draws of fewer than two sizes have no slope and are left out. ValueError for less than two sizes or for what is
    not positive.
    """
    x, y = np.log(np.asarray(sizes, np.float64)), np.log(np.asarray(costs, np.float64))
    if len(np.unique(x)) < 2 or not np.isfinite(x).all() or not np.isfinite(y).all():
        raise ValueError("an exponent needs two sizes, and positive sizes and costs")
    random = np.random.default_rng(SEED)
    drawn = random.integers(0, len(x), (RESAMPLES, len(x)))
    slopes = [_slope(x[one], y[one]) for one in drawn if np.ptp(x[one]) > 0]
    low, high = np.quantile(slopes, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return Interval(_slope(x, y), float(low), float(high), len(x))


def _slope(x: Values, y: Values) -> float:
    x, y = np.asarray(x), np.asarray(y)
    centred = x - x.mean()
    return float((centred * (y - y.mean())).sum() / (centred**2).sum())
