"""Kernel times from a profile: which calls count."""

import graph_made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers.kernel_times import (
    WARM_UP_CALLS,
    summarize,
    time_kernels,
    undisturbed,
)
from leukoscope.runtime.profiler.layers.ort_events import KernelEvent, OrtProfile, TensorFact


def profile(durations_us):
    """A call for each duration, after the warm-up, with one kernel that takes half of it, in two runs."""
    kernels, calls, at = [], [], 0
    for duration in [9000] * WARM_UP_CALLS + list(durations_us):
        calls.append((at, duration))
        kernels += [
            KernelEvent("k", "Conv", at + place, duration // 4, (TensorFact("uint8", (1,)),), ())
            for place in (0, duration // 2)
        ]
        at += duration + 10
    return OrtProfile(tuple(calls), tuple(kernels))


def test_the_lower_decile_counts():
    found = summarize(profile([400 + 40 * i for i in range(11)]), "m")
    assert found.calls == 11
    assert found.call_ms == pytest.approx(0.44)
    (kernel,) = found.kernels
    assert (kernel.name, kernel.operator, kernel.input_dtype) == ("k", "Conv", "uint8")
    assert kernel.ms == pytest.approx(0.22)


def test_warm_up_calls_do_not_count():
    assert summarize(profile([12_000]), "m").call_ms == pytest.approx(12.0)


@pytest.mark.parametrize("durations", [[], None])
def test_a_profile_without_calls_is_an_error(durations):
    empty = profile([]) if durations is not None else OrtProfile((), ())
    with pytest.raises(InputError, match="timed no call of made"):
        summarize(empty, "made")


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_what_counts_is_among_the_least(times):
    ranked = sorted(times)
    assert ranked[0] <= undisturbed(times) <= ranked[min(len(times) - 1, (len(times) + 9) // 10)]


def test_a_network_that_runs():
    found = time_kernels(graph_made.float_graph(), "made", "fp32", graph_made.frames(), 1, 4)
    assert found.calls == 4
    assert found.call_ms > 0
    assert "MaxPool" in {kernel.operator for kernel in found.kernels}
