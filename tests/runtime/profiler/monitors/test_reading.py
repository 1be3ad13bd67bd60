"""Readings, and several joined."""

import json

from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.monitors.reading import Reading, joined


def test_the_first_that_knows_is_believed():
    board = Reading(
        cpu_load_share=0.5, gpu_mhz=900.0, temperatures_c={"tj": 50.0}, power_w={"VDD_IN": 9.0}
    )
    host = Reading(
        cpu_load_share=0.1,
        own_cpu_share=0.05,
        cpu_mhz=(1500.0,),
        temperatures_c={"tj": 1.0, "x": 2.0},
    )
    found = joined([board, host], 7)
    assert found == Reading(
        7, 0.5, 0.05, (1500.0,), 900.0, None, {"tj": 50.0, "x": 2.0}, {"VDD_IN": 9.0}
    )


def test_any_source_that_saw_throttling_counts():
    for first, second, expected in (
        (None, None, None),
        (False, None, False),
        (False, True, True),
        (True, False, True),
    ):
        assert (
            joined([Reading(throttled=first), Reading(throttled=second)], 0).throttled is expected
        )


def test_zero_is_known():
    assert (
        joined([Reading(gpu_load_share=0.0), Reading(gpu_load_share=0.9)], 0).gpu_load_share == 0.0
    )


def test_nothing_known_is_null():
    told = json.loads(json.dumps(joined([], 3).to_json(), allow_nan=False))
    assert told == {
        "at_tick_ns": 3, "cpu_load_share": None, "own_cpu_share": None, "cpu_mhz": [], "gpu_mhz": None,
        "gpu_load_share": None, "temperatures_c": {}, "power_w": {}, "throttled": None, "mode": None,
        "host_used_bytes": None, "device_used_bytes": None,
    }  # fmt: skip


@given(
    st.lists(
        st.builds(Reading, gpu_mhz=st.none() | st.floats(0, 9), mode=st.none() | st.text()),
        max_size=4,
    )
)
def test_a_reading_joined_with_itself_is_itself(parts):
    once = joined(parts, 1)
    assert joined([once, once], 1) == once
