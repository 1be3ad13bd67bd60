import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.runtime.metrics.intervals import (
    Interval,
    Ratio,
    bootstrap,
    bootstrap_difference,
    count_groups,
    resampled,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (
            81,
            263,
            0.2553,
            0.3662,
        ),  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_that_of_the_literature(hits, n, low, high):
    found = wilson(hits, n)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share_and_mirrors(hits, n):
    hits = min(hits, n)
    found, mirrored = wilson(hits, n), wilson(n - hits, n)
    assert 0 <= found.low <= hits / n <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high)


def test_wilson_without_images_and_with_impossible_hits():
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="3 hits of 2"):
        wilson(3, 2)


def ratio(parts, wholes=None):
    parts = np.array(parts, float)
    return Ratio(parts, np.ones_like(parts) if wholes is None else np.array(wholes, float))


def test_value_is_pooled_and_the_mean_over_columns_that_are_defined():
    assert ratio([1, 3], [2, 8]).value() == pytest.approx(0.4)
    assert ratio([[1, 0, 0], [0, 1, 0]], [[2, 0, 0], [0, 4, 0]]).value() == pytest.approx(0.375)
    assert ratio([0.0], [0.0]).value() is None
    with pytest.raises(ValueError, match="parts"):
        Ratio(np.ones(2), np.ones(3))


def test_images_of_one_group_move_together():
    """Two groups of ten like images say no more than two images."""
    hits = [1] * 10 + [0] * 10
    by_group = bootstrap(ratio(hits), ["a"] * 10 + ["b"] * 10)
    by_image = bootstrap(ratio(hits), [str(i) for i in range(20)])
    assert by_group == Interval(0.0, 1.0)
    assert by_image.low > 0.2
    assert by_image.high < 0.8


def test_bootstrap_by_image_is_near_wilson():
    hits = np.array([1] * 180 + [0] * 20)
    found, wanted = bootstrap(ratio(hits), [str(i) for i in range(200)]), wilson(180, 200)
    assert found.low == pytest.approx(wanted.low, abs=0.015)
    assert found.high == pytest.approx(wanted.high, abs=0.015)


def test_one_group_has_no_interval():
    assert bootstrap(ratio([1, 0]), ["a", "a"]) is None
    assert bootstrap(ratio([1, 0, 0], [1, 1, 0]), ["a", "a", "b"]) is None
    assert bootstrap(ratio(np.zeros(0)), []) is None
    assert count_groups(ratio([1, 0, 0], [1, 1, 0]), ["a", "a", "b"]) == 1


def test_every_image_wants_a_group():
    with pytest.raises(ValueError, match="1 groups for 2 images"):
        bootstrap(ratio([1, 0]), ["a"])


def test_a_difference_on_the_same_draws_is_sharper_than_the_figures():
    """Two figures that fall and rise together differ for sure, though each for itself is uncertain."""
    rng = np.random.default_rng(5)
    base = rng.random(40)
    groups = [str(i // 2) for i in range(40)]
    found = bootstrap_difference(ratio(base), ratio(base - 0.1), groups)
    assert found.low == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1)
    assert bootstrap_difference(ratio([1, 0]), ratio([1, 0]), ["a", "a"]) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abcde")), min_size=1, max_size=30))
def test_draws_stay_between_the_least_and_the_greatest_group(rows):
    values, groups = [v for v, _ in rows], [g for _, g in rows]
    means = [np.mean([v for v, g in rows if g == one]) for one in set(groups)]
    draws = resampled(ratio(values), groups, resamples=50)
    assert draws.min() >= min(means) - 1e-9
    assert draws.max() <= max(means) + 1e-9
    assert np.array_equal(draws, resampled(ratio(values), groups, resamples=50))
