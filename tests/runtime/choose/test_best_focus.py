"""The best sharpness of the last half minute, and the microscope's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.choose.best_focus import FORGOTTEN, LATELY_S, BestFocus


def test_before_anything_was_seen_there_is_no_best():
    focus = BestFocus()
    assert focus.best is None
    assert focus.share(0.5) is None


def test_a_share_is_of_the_best_so_far():
    focus = BestFocus()
    for at_s, sharpness in enumerate([0.3, 0.6, 0.4]):
        focus.add(sharpness, at_s)
    assert focus.share(0.3) == pytest.approx(0.5, rel=0.01)
    assert focus.share(0.9) == 1.0


def test_a_profile_s_best_counts_from_the_first_frame():
    assert BestFocus(0.8).share(0.4) == pytest.approx(0.5)


def test_the_best_outlasts_half_a_minute_and_is_slowly_forgotten():
    focus = BestFocus()
    focus.add(1.0, 0.0)
    for at_s in range(1, 301):
        focus.add(0.3, float(at_s))
    assert focus.best == pytest.approx((1 - FORGOTTEN) ** (270 / LATELY_S), rel=0.01)


def test_another_objective_is_let_in_at_last():
    focus = BestFocus(1.0)
    for at_s in range(900):
        focus.add(0.4, float(at_s))
    assert focus.share(0.4) == 1.0


def test_a_pause_without_frames_forgets_too_but_never_below_what_is_seen():
    focus = BestFocus(1.0)
    focus.add(0.5, 0.0)
    focus.add(0.5, 1e6)
    assert focus.best == 0.5


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 2)), min_size=1, max_size=60))
def test_the_best_is_never_under_that_of_the_last_half_minute(steps):
    focus, at_s, seen = BestFocus(), 0.0, []
    for wait_s, sharpness in steps:
        at_s += wait_s
        seen.append((at_s, sharpness))
        focus.add(sharpness, at_s)
        lately = max(value for when, value in seen if when >= at_s - LATELY_S)
        assert (focus.best or 0.0) >= lately
        assert (focus.best or 0.0) <= max(value for _, value in seen)
