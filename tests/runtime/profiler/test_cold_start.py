import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler import cold_start
from leukoscope.runtime.profiler.cold_start import (
    PARTS,
    _flags,
    _spawned,
    profile_cold_start,
    summary,
)
from leukoscope.runtime.settings import Settings

NETWORKS = ["xincept_all", "sg_cldff"]


def marks(begin_ms, *steps_ms):
    """Moments by name, each step later than the one before."""
    names, now, found = (
        ("spawned", "started", "imported", "opened", "ready", "judged"),
        begin_ms,
        {},
    )
    for name, step in zip(names, (0, *steps_ms), strict=True):
        now += step
        found[name] = now * 1_000_000
    return found


def test_the_parts_are_the_steps_and_add_up():
    found = summary([marks(100, 20, 200, 10, 150, 120)])
    assert found.parts_ms == {"interpreter": 20, "imports": 200, "bundle": 10, "session": 150, "first_field": 120}  # fmt: skip
    assert found.total_ms == sum(found.parts_ms.values()) == 500
    assert list(found.parts_ms) == list(PARTS)


def test_of_several_starts_it_is_the_median_with_its_ends():
    found = summary([marks(0, 1, 1, 1, 1, last) for last in (6, 96, 16)])
    assert (found.n, found.least_ms, found.total_ms, found.greatest_ms) == (3, 10, 20, 100)


def test_without_a_start_nothing_is_known():
    found = summary([])
    assert (found.n, found.total_ms, found.parts_ms) == (0, None, {})


def test_the_command_is_given_the_same_settings():
    settings = Settings("int8", "onnxruntime-cpu", threads=3, allow_failed=True)
    assert _flags(settings) == ["--backend", "onnxruntime-cpu", "--precision", "int8", "--threads", "3", "--allow-failed"]  # fmt: skip
    assert _flags(Settings(allow_untrained=True)) == ["--backend", "auto", "--allow-untrained"]


def test_fresh_processes_reach_their_first_result(toy_bundle, painted_inputs):
    found, memory = profile_cold_start(
        toy_bundle, Settings(threads=1), NETWORKS, painted_inputs, 1, lambda: False
    )
    assert found.n == 1 and found.total_ms == pytest.approx(sum(found.parts_ms.values()))
    assert all(one > 0 for one in found.parts_ms.values())
    assert found.command_ms is not None and found.command_ms > 0
    assert memory.host_peak_bytes >= memory.host_first_result_bytes > 0


def test_of_one_network_the_command_is_not_asked(toy_bundle, painted_inputs):
    found, _ = profile_cold_start(
        toy_bundle, Settings(threads=1), ["xincept_all"], painted_inputs, 1, lambda: False
    )
    assert found.n == 1 and found.command_ms is None


def test_a_child_that_fails_is_one_line(toy_bundle, painted_inputs, monkeypatch):
    monkeypatch.setattr(cold_start, "CHILD", "no_such_module")
    with pytest.raises(MachineError, match="No module named no_such_module") as caught:
        profile_cold_start(toy_bundle, Settings(), NETWORKS, painted_inputs, 1, lambda: False)
    assert "\n" not in str(caught.value)


def test_a_child_does_not_outlive_an_interrupt():
    with pytest.raises(KeyboardInterrupt), _spawned(["sleep", "600"]) as child:
        raise KeyboardInterrupt
    assert child.returncode is not None or child.wait(10) is not None


def test_stopped_at_once_no_start_is_counted(toy_bundle, painted_inputs):
    found, memory = profile_cold_start(
        toy_bundle, Settings(), NETWORKS, painted_inputs, 2, lambda: True
    )
    assert found.n == 0 and memory.host_peak_bytes is None
