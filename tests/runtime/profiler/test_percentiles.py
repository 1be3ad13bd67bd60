import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.percentiles import (
    PERCENTS,
    distribution,
    median,
    needed,
    percentile,
    round_medians,
)

TIMES = st.lists(st.floats(1e-3, 1e6, allow_nan=False), max_size=700)


@pytest.mark.parametrize(("percent", "n"), [(50, 5), (90, 29), (95, 59), (99, 299)])
def test_a_percentile_takes_as_many_samples_as_wilks_says(percent, n):
    assert needed(percent) == n
    assert 1 - (percent / 100) ** n >= 0.95 > 1 - (percent / 100) ** (n - 1)
    assert percentile(range(n - 1), percent) is None
    assert percentile(range(n), percent) is not None


@given(TIMES)
def test_a_distribution_is_in_order_and_within_its_samples(values):
    found = distribution(values)
    known = [
        one for one in (found.p50, found.p90, found.p95, found.p99, found.max) if one is not None
    ]
    assert known == sorted(known) and found.n == len(values)
    assert all(min(values) <= one <= max(values) for one in known)
    assert [why.split()[0] for why in found.missing] == [
        f"p{percent}" for percent in PERCENTS if len(values) < needed(percent)
    ]
    assert (found.mean is None) == (found.max is None) == (not values)


@given(TIMES, st.randoms(use_true_random=False), st.sampled_from([0.5, 2.0, 4.0]))
def test_the_order_does_not_matter_and_units_scale(values, random, factor):
    mixed = list(values)
    random.shuffle(mixed)
    one, other = distribution(values), distribution([factor * value for value in mixed])
    for name in ("p50", "p90", "p95", "p99", "max", "jitter"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
        assert a is None or math.isclose(a * factor, b, rel_tol=1e-9, abs_tol=1e-9)


def test_percentiles_are_those_of_numpy_and_jitter_is_their_difference():
    values = list(np.random.default_rng(0).gamma(2, 3, 500))
    found = distribution(values)
    assert found.p95 == pytest.approx(np.percentile(values, 95))
    assert found.jitter == pytest.approx(np.percentile(values, 99) - np.percentile(values, 50))
    assert found.missing == ()


@given(st.lists(st.floats(1, 9), min_size=1, max_size=50), st.integers(1, 7))
def test_rounds_cut_the_samples_into_parts_that_cover_them(values, rounds):
    found = round_medians(values, rounds)
    if len(values) < rounds:
        assert found == ()
        return
    assert len(found) == rounds
    assert min(values) <= min(found) and max(found) <= max(values)
    assert round_medians([3.0] * len(values), rounds) == (3.0,) * rounds


def test_rounds_are_in_the_order_of_time():
    assert round_medians([1, 1, 2, 2, 9, 9], 3) == (1, 2, 9)


def test_of_nothing_there_is_no_median():
    assert median([]) is None and median([4]) == 4
