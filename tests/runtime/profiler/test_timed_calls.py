import pytest
from clocks import TurnedClock

from leukoscope.runtime.profiler.timed_calls import Limits, Samples, time_calls


def test_each_call_has_its_number_its_moment_and_its_duration():
    clock = TurnedClock([2.0, 3.0, 5.0])
    found = time_calls(clock.call, Limits(60, 3), clock.tick)
    assert clock.calls == [0, 1, 2]
    assert found.taken_ms == [2.0, 3.0, 5.0]
    assert found.at_s == [0, 0.002, 0.005] and found.seconds == pytest.approx(0.010)


def test_it_ends_by_seconds_after_the_call_in_hand():
    clock = TurnedClock([400.0])
    assert len(time_calls(clock.call, Limits(1.0, 99), clock.tick)) == 3


def test_it_calls_at_least_once_however_little_time_there_is():
    clock = TurnedClock([400.0])
    assert len(time_calls(clock.call, Limits(0, 99), clock.tick)) == 1


def test_it_ends_when_it_is_told_to():
    clock = TurnedClock([1.0])
    stopped = lambda: len(clock.calls) >= 4  # noqa: E731
    assert len(time_calls(clock.call, Limits(60, 99, stopped), clock.tick)) == 4
    assert len(time_calls(clock.call, Limits(60, 99, lambda: True), clock.tick)) == 0


def test_nothing_timed_took_no_time():
    assert Samples().seconds == 0 and Samples().at_s == []
