import pytest

from leukoscope.runtime.profiler.cpu_time import Load
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.trust import (
    CLOCKS_APART,
    LEAST_SAMPLES,
    OTHERS_LOAD,
    ROUNDS_APART,
    STOLEN,
    TREND,
    doubts,
    spread,
    trend,
)
from leukoscope.runtime.profiler.warm_up import WarmUp

STEADY = [10.0] * 300
WARM = WarmUp(18, 0.2, True, 12.0)
QUIET = Load(0.9, 0.01, 0.0)


def codes(taken_ms=STEADY, warm=WARM, load=QUIET, readings=(), turn=1):
    return [one.code for one in doubts(taken_ms, warm, load, readings, turn)]


def test_steady_calls_on_a_quiet_machine_are_trusted():
    assert codes() == []


def test_what_is_not_known_raises_no_doubt():
    assert codes(warm=None, load=None, readings=[Reading(), Reading()]) == []


def test_too_few_samples():
    assert codes(STEADY[: LEAST_SAMPLES - 1]) == ["few_samples"]
    assert codes(STEADY[:LEAST_SAMPLES]) == []
    assert codes([]) == ["few_samples"]


def test_a_warm_up_that_was_not_stable():
    assert codes(warm=WarmUp(200, 6.0, False, 12.0)) == ["not_warm"]


@pytest.mark.parametrize(("last", "word"), [(1 + 2 * TREND, "slower"), (1 - 2 * TREND, "faster")])
def test_clocks_that_ramp_show_as_a_trend(last, word):
    ramp = [10 * (1 + (last - 1) * n / 299) for n in range(300)]
    found = [one for one in doubts(ramp, WARM, QUIET) if one.code == "trend"]
    assert len(found) == 1 and word in found[0].words


def test_a_trend_within_the_threshold_is_none():
    ramp = [10 * (1 + 0.9 * TREND * n / 299) for n in range(300)]
    assert codes(ramp) == []


def test_rounds_that_lie_apart():
    middle = 10 * (1 + 1.1 * ROUNDS_APART)
    hump = [10.0] * 120 + [middle] * 60 + [10.0] * 120
    assert codes(hump) == ["rounds_apart"]
    near = 10 * (1 + 0.9 * ROUNDS_APART)
    assert codes([10.0] * 120 + [near] * 60 + [10.0] * 120) == []


def test_other_load_and_stolen_time():
    assert codes(load=Load(0.5, 1.1 * OTHERS_LOAD, 0.0)) == ["other_load"]
    assert codes(load=Load(0.5, 0.0, 1.1 * STOLEN)) == ["stolen_time"]
    assert codes(load=Load(0.5, 0.9 * OTHERS_LOAD, 0.9 * STOLEN)) == []


def test_throttling_is_what_the_monitors_say():
    readings = [Reading(throttled=False), Reading(throttled=True), Reading()]
    found = doubts(STEADY, WARM, QUIET, readings)
    assert [one.code for one in found] == ["throttled"] and "1 of 2" in found[0].words
    assert codes(readings=[Reading(throttled=False)] * 3) == []


def test_clocks_that_change_are_those_of_the_fastest_core_or_of_the_gpu():
    steady = [Reading(cpu_mhz=(800.0, 3000.0)), Reading(cpu_mhz=(3000.0, 1500.0))]
    assert codes(readings=steady) == []
    ramping = [Reading(cpu_mhz=(3000.0 * (1 + CLOCKS_APART * n),)) for n in range(3)]
    assert codes(readings=ramping) == ["clocks_changed"]
    assert codes(readings=[Reading(gpu_mhz=306.0), Reading(gpu_mhz=1300.0)]) == ["clocks_changed"]


def test_inputs_that_differ_are_only_compared_in_whole_turns():
    """Twelve fields of which some have more cells: parts of less than a turn show which fields were in them."""
    fields = [5.0] * 6 + [15.0] * 6
    short = fields * 5
    assert spread(short[:59], turn=12) is None and trend(short[:59], turn=24) is None
    assert codes(short, turn=12) == []
    assert "rounds_apart" in codes(short[:59], turn=1)


def test_every_doubt_says_what_was_found():
    found = doubts([1.0] * 50 + [9.0] * 50, WarmUp(3, 1, False, 1), Load(0.1, 0.5, 0.2))
    assert {one.code for one in found} >= {"not_warm", "trend", "other_load", "stolen_time"}
    assert all(len(one.words) > 10 and "\n" not in one.words for one in found)
