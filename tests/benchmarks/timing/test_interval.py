import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing.interval import interval_of, ratio_of

values = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40)


@given(values)
def test_the_median_lies_in_its_interval_and_both_in_the_values(found):
    one = interval_of(found)
    assert min(found) <= one.low <= one.value <= one.high <= max(found)
    assert one.value == np.median(found)
    assert one.n == len(found)


@given(values, st.floats(0.1, 10))
def test_a_ratio_of_proportional_turns_is_exact(found, times):
    one = ratio_of(np.array(found) * times, found)
    assert one.low == pytest.approx(times)
    assert one.high == pytest.approx(times)


def test_a_ratio_is_taken_turn_by_turn():
    slow_second_turn = [10.0, 100.0, 10.0]
    assert ratio_of([20.0, 200.0, 20.0], slow_second_turn).words() == "2.0 (2.0 to 2.0)"


def test_the_interval_covers_the_median_as_often_as_it_says():
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        one = interval_of(random.normal(10, 1, 25))
        covered += one.low <= 10 <= one.high
    assert 0.88 <= covered / 200 <= 1.0


def test_more_spread_makes_it_wider():
    random = np.random.default_rng(4)
    noise = random.normal(0, 1, 30)
    narrow, wide = interval_of(100 + noise), interval_of(100 + 5 * noise)
    assert wide.high - wide.low == pytest.approx(5 * (narrow.high - narrow.low))


@pytest.mark.parametrize("found", [[], [1.0, float("nan")], [float("inf")]])
def test_what_has_no_median_is_refused(found):
    with pytest.raises(ValueError, match="no median"):
        interval_of(found)
