from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.gate.bounds import (
    bounds_of_drop,
    bounds_of_losses,
    bounds_of_median_drop,
    resampled_medians,
    unseen_loss,
)
from leukoscope.runtime.metrics.intervals import Ratio, bootstrap_difference


@pytest.mark.parametrize(
    ("n", "bound"), [(1, 0.95), (2, 1 - 0.05**0.5), (59, 0.049507), (598, 0.004997)]
)
def test_the_rule_of_three_is_exact(n, bound):
    assert unseen_loss(n) == pytest.approx(bound, abs=1e-6)
    assert (1 - unseen_loss(n)) ** n == pytest.approx(0.05)


def test_the_documented_numbers_of_images():
    for budget, images in ((0.005, 598), (0.02, 149)):
        assert unseen_loss(images) <= budget < unseen_loss(images - 1)
    assert unseen_loss(0) == 1.0


def test_without_a_flip_the_bound_is_that_of_the_images():
    found = bounds_of_losses(np.zeros(100, np.int64), [f"g{i % 4}" for i in range(100)])
    assert found.interval == (0.0, 0.0) and found.groups == 4
    assert found.upper == unseen_loss(100)


def test_gains_cannot_buy_a_bound_that_flawless_images_would_not_have():
    gains = -np.ones(100, np.int64)
    assert bounds_of_losses(gains, [f"g{i}" for i in range(100)]).upper == unseen_loss(100)


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
