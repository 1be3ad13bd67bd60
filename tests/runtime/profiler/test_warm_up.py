from clocks import TurnedClock
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.timed_calls import Limits
from leukoscope.runtime.profiler.warm_up import (
    ALIKE,
    STABLE_WITHIN,
    WINDOW,
    is_stable,
    warm_up,
)

LIMITS = Limits(3600, 10_000)


def warmed(taken_ms, limits=LIMITS):
    clock = TurnedClock(taken_ms)
    return warm_up(clock.call, limits, clock.tick)


def test_steady_calls_take_the_least_number_of_windows():
    found = warmed([10.0])
    assert found.stable and found.calls == ALIKE * WINDOW and found.first_ms == 10.0


def test_it_goes_on_while_calls_get_faster():
    falling = [100 * 0.97**n for n in range(60)]
    found = warmed([*falling, *[100 * 0.97**59] * 1000])
    assert found.stable and found.calls > 60


def test_one_slow_call_in_a_window_is_no_reason_to_go_on():
    steady = [10.0] * (ALIKE * WINDOW)
    steady[WINDOW + 2] = 90.0
    assert warmed([*steady, 10.0]).calls == ALIKE * WINDOW


def test_what_never_gets_stable_says_so():
    swinging = [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0] * 100
    found = warmed(swinging, Limits(3600, 240))
    assert not found.stable and found.calls == 240
    assert not warmed([100.0], Limits(0.5, 10_000)).stable


def test_it_ends_when_it_is_told_to():
    found = warmed([1.0], Limits(3600, 100, lambda: True))
    assert (found.calls, found.stable, found.first_ms) == (0, False, None)


@given(st.lists(st.floats(0.1, 100), max_size=60))
def test_stable_means_that_the_last_windows_are_alike(taken_ms):
    if is_stable(taken_ms):
        assert len(taken_ms) % WINDOW == 0 and len(taken_ms) >= ALIKE * WINDOW
        last = taken_ms[-ALIKE * WINDOW :]
        middles = [sorted(last[i : i + WINDOW]) for i in range(0, len(last), WINDOW)]
        medians = [(one[2] + one[3]) / 2 for one in middles]
        assert max(medians) <= min(medians) * (1 + STABLE_WITHIN) + 1e-9
