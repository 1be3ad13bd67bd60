from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.gate.bounds import (
    bounds_of_drop,
    bounds_of_losses,
    bounds_of_median_drop,
    exact_bound,
    resampled_medians,
)
from leukoscope.runtime.metrics.intervals import Ratio, bootstrap_difference


@pytest.mark.parametrize(
    ("n", "bound"), [(1, 0.95), (2, 1 - 0.05**0.5), (59, 0.049507), (598, 0.004997)]
)
def test_the_rule_of_three_is_exact(n, bound):
    assert exact_bound(0, n) == pytest.approx(bound, abs=1e-6)
    assert (1 - exact_bound(0, n)) ** n == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("count", "n", "bound"),
    [
        (1, 10, 0.394163),  # the usual tables of Clopper and Pearson
        (5, 10, 0.777559),
        (9, 10, 0.95 ** (1 / 10)),
        (10, 10, 1.0),
        (0, 0, 1.0),
    ],
)
def test_exact_bounds_are_those_of_the_tables(count, n, bound):
    assert exact_bound(count, n) == pytest.approx(bound, abs=1e-6)


@given(st.integers(1, 300), st.data())
def test_so_few_have_a_chance_of_five_in_a_hundred_at_the_bound(n, data):
    count = data.draw(st.integers(0, n - 1))
    share = exact_bound(count, n)
    chance = sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(count + 1))
    assert chance == pytest.approx(0.05, abs=1e-6)
    assert exact_bound(count + 1, n) > share > count / n


def test_thousands_of_losses_do_not_overflow():
    assert 0.5 < exact_bound(10_000, 20_000) < 0.51 and 0.5 < exact_bound(50_000, 100_000) < 0.503


def test_the_documented_numbers_of_images():
    for budget, images in ((0.005, 598), (0.02, 149)):
        assert exact_bound(0, images) <= budget < exact_bound(0, images - 1)


def test_without_a_flip_the_bound_is_that_of_the_images():
    found = bounds_of_losses(np.zeros(100, np.int64), [f"g{i % 4}" for i in range(100)])
    assert found.interval == (0.0, 0.0) and found.groups == 4
    assert found.upper == pytest.approx(exact_bound(0, 100))


def test_with_losses_it_is_never_below_the_exact_one():
    delta = np.zeros(200, np.int64)
    delta[:3], delta[3] = 1, -1
    found = bounds_of_losses(delta, [f"g{i % 50}" for i in range(200)])
    assert found.upper >= exact_bound(2, 200) > 2 / 200


def test_gains_cannot_buy_a_bound_that_flawless_images_would_not_have():
    gains = -np.ones(100, np.int64)
    assert bounds_of_losses(gains, [f"g{i}" for i in range(100)]).upper == pytest.approx(
        exact_bound(0, 100)
    )


def test_one_group_and_no_image_give_no_bound():
    for delta, groups in (([0, 1, 0], ["g"] * 3), ([], [])):
        found = bounds_of_losses(np.array(delta, np.int64), groups)
        assert found.interval is None and found.upper is None


def test_losses_by_hand_two_groups():
    """Groups of one image each, one lost: the mean of two draws is 0, 1/2 or 1 with 1/4, 1/2, 1/4."""
    found = bounds_of_losses(np.array([1, 0]), ["g", "h"])
    assert found.interval == (0.0, 1.0) and found.upper == 1.0


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=40), st.data())
def test_more_losses_never_lower_the_bound(delta, data):
    worse = [data.draw(st.integers(one, 1)) for one in delta]
    groups = [f"g{i % 5}" for i in range(len(delta))]
    one, other = (bounds_of_losses(np.array(d), groups) for d in (delta, worse))
    assert other.upper >= one.upper


def test_the_drop_of_ratios_is_the_bootstrap_of_the_metrics():
    rng = np.random.default_rng(0)
    joint = rng.integers(50, 100, 30)
    before, after = Ratio(joint - 5, joint), Ratio(joint - rng.integers(4, 9, 30), joint)
    groups = [f"g{i % 6}" for i in range(30)]
    found = bounds_of_drop(before, after, groups)
    known = bootstrap_difference(before, after, groups)
    assert found.interval == pytest.approx((known.low, known.high))
    one_sided = bootstrap_difference(before, after, groups, confidence=0.9)
    assert found.upper == pytest.approx(one_sided.high)


def test_medians_are_those_of_the_drawn_images():
    values, groups = np.array([0.9, 0.1, 0.5, 0.7, 0.3]), ["x", "x", "y", "y", "z"]
    members = {g: values[[i for i, h in enumerate(groups) if h == g]] for g in "xyz"}
    possible = {
        float(np.median(np.concatenate([members[g] for g in drawn])))
        for drawn in product("xyz", repeat=3)
    }
    found = resampled_medians(values, groups)
    assert {round(v, 12) for v in found.tolist()} == {round(v, 12) for v in possible}


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_images_of_one_group_are_drawn_whole(values):
    found = resampled_medians(np.array(values), ["g"] * len(values), resamples=3)
    assert found == pytest.approx(np.median(values))
    assert bounds_of_median_drop(np.array(values), ["g"] * len(values)).interval is None


def test_the_median_of_agreement_by_hand():
    """Two groups of one image, .9 and 1: drawn medians .9, .95, 1 with 1/4, 1/2, 1/4."""
    found = bounds_of_median_drop(np.array([0.9, 1.0]), ["g", "h"])
    assert found.interval == pytest.approx((0.0, 0.1)) and found.upper == pytest.approx(0.1)
