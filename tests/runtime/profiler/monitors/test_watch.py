"""The thread that watches."""

import threading
import time

import pytest
from tegrastats_lines import THOR_39_LOADED

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors import watch as watching
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.monitors.watch import Watching, watch


class Source:
    """Counts; fails at a reading, or in closing."""

    def __init__(self, name="made", fails_at=None, fails_in_closing=False):
        self.name, self.count, self.closed = name, 0, 0
        self._fails_at, self._fails_in_closing = fails_at, fails_in_closing

    def read(self):
        self.count += 1
        if self.count == self._fails_at:
            raise ValueError("the sensor\nis gone")
        return Reading(gpu_mhz=float(self.count))

    def close(self):
        self.closed += 1
        if self._fails_in_closing:
            raise OSError("stuck")


def run(sources, until, interval_s=0.001):
    one = Watching(sources, interval_s)
    one.start()
    end = time.monotonic() + 20
    while not until(one) and time.monotonic() < end:
        time.sleep(0.001)
    one.stop()
    return one


def test_readings_are_in_the_order_of_time():
    source = Source()
    found = run([source], lambda one: len(one.readings) > 5)
    ticks = [one.at_tick_ns for one in found.readings]
    assert ticks == sorted(ticks) and len(set(ticks)) == len(ticks)
    assert [one.gpu_mhz for one in found.readings] == [float(i + 1) for i in range(source.count)]
    assert source.closed == 1 and found.notes == ()


def test_a_watch_has_a_reading_at_each_end():
    assert len(run([Source()], lambda one: len(one.readings) == 1, interval_s=60.0).readings) == 2


def test_a_source_that_fails_is_left_out_and_named():
    bad, good = Source("bad", fails_at=3), Source("good")
    found = run([bad, good], lambda one: len(one.readings) > 8)
    assert found.notes == ("bad is left out: ValueError: the sensor is gone",)
    assert found.sources == ("good",) and bad.closed == 1 and bad.count == 3
    assert found.readings[-1].gpu_mhz == good.count


def test_a_source_that_does_not_close_is_named():
    found = run([Source(fails_in_closing=True)], lambda one: bool(one.readings))
    assert found.notes == ("made is left out: OSError: stuck",)


def test_a_source_that_never_answers_does_not_hold_the_measurement(monkeypatch):
    monkeypatch.setattr(watching, "END_S", 0.2)
    release = threading.Event()
    stuck = Source("stuck")
    stuck.read = lambda: Reading(throttled=release.wait())
    one = Watching([stuck], 0.01)
    one.start()
    one.stop()
    assert one.notes == ("a monitor does not answer: it is left behind",)
    release.set()


def test_hours_are_watched_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(watching, "READINGS_LIMIT", 8)
    one = Watching([Source()], 1.0)
    for _ in range(40):
        one._look()
    assert len(one.readings) <= 8 and one._interval_s >= 8.0
    assert one.readings[0].gpu_mhz == 1.0
    assert [r.gpu_mhz for r in one.readings] == sorted(r.gpu_mhz for r in one.readings)


def test_its_own_cost_is_measured():
    def work():
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return Reading()

    busy = Source()
    busy.read = work
    found = run([busy], lambda one: len(one.readings) > 2)
    assert 0.05 < found.own_cost_share <= 1.01


def test_this_machine():
    with watch(0.02) as found:
        time.sleep(0.1)
    assert "host" in found.sources and len(found.readings) >= 2
    assert found.readings[-1].host_used_bytes > 0
    assert not any(thread.name == "monitors" for thread in threading.enumerate())


def test_an_error_of_the_measurement_is_its_own(monkeypatch):
    with pytest.raises(KeyError), watch(0.02):
        raise KeyError("of the measurement")
    assert not any(thread.name == "monitors" for thread in threading.enumerate())


@pytest.fixture
def jetson(monkeypatch, tmp_path, program):
    tegra = tmp_path / "nv_tegra_release"
    tegra.write_text("# R39 (release)")
    monkeypatch.setattr(watching, "TEGRA", tegra)
    program("nvpmodel", 'echo "NV Power Mode: MAXN"\necho 0')
    return program


def test_a_jetson_is_asked_by_its_own_programs(jetson):
    jetson("tegrastats", f'while true; do echo "{THOR_39_LOADED}"; sleep 0.02; done')
    with watch(0.05) as found:
        end = time.monotonic() + 20
        while not any(one.power_w for one in found.readings) and time.monotonic() < end:
            time.sleep(0.01)
    assert found.sources[:2] == ("tegrastats", "nvpmodel") and found.sources[-1] == "host"
    last = next(one for one in reversed(found.readings) if one.power_w)
    assert last.power_w["VIN"] == 124.486 and last.mode == "MAXN" and last.gpu_mhz == 1574.0


def test_without_tegrastats_jtop_is_asked_and_what_is_missing_is_said(jetson, monkeypatch):
    def missing(*_):
        raise MachineError("there is no tegrastats")

    monkeypatch.setattr(watching, "open_tegrastats", missing)
    monkeypatch.setattr(watching, "open_jtop", lambda interval_s: Source("jtop"))
    with watch(0.05) as found:
        pass
    assert found.sources[0] == "jtop" and found.notes == ("there is no tegrastats",)


def test_a_package_that_is_broken_is_a_note(monkeypatch):
    def broken():
        raise RuntimeError("its library\nis of another world")

    monkeypatch.setattr(watching, "Host", broken)
    with watch(0.05) as found:
        pass
    assert found.notes == ("RuntimeError: its library is of another world",)
