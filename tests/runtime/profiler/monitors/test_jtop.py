"""jetson-stats, with a stand-in in the form that its documentation gives."""

import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.jtop import open_jtop, reading_of
from leukoscope.runtime.profiler.monitors.reading import Reading


class Parts:
    """A mapping by `items` only, as the package's own."""

    def __init__(self, parts):
        self.items = parts.items


def jetson(**changes):
    parts = {
        "cpu": {"total": {}, "cpu": [
            {"online": True, "freq": {"cur": 1_497_600}, "idle": 60.0},
            {"online": True, "freq": {"cur": 729_600}, "idle": 100.0},
            {"online": False},
        ]},
        "gpu": {"ga10b": {"type": "integrated", "status": {"load": 43.2}, "freq": {"cur": 918_000}}},
        "memory": {"RAM": {"tot": 7_802_000, "used": 2_000_000}},
        "temperature": {"tj": {"temp": 50.5, "online": True}, "CV0": {"temp": -256, "online": False}},
        "power": {"rail": {"VDD_IN": {"power": 5251, "online": True}}, "tot": {"power": 5251}},
        **changes,
    }  # fmt: skip
    properties = {
        name: Parts(part) if isinstance(part, dict) else part for name, part in parts.items()
    }
    return types.SimpleNamespace(**{"nvpmodel": types.SimpleNamespace(name="15W"), **properties})


def test_all_that_a_board_tells():
    assert reading_of(jetson()) == Reading(
        cpu_load_share=pytest.approx(0.2), cpu_mhz=(1497.6, 729.6), gpu_mhz=918.0, gpu_load_share=pytest.approx(0.432),
        temperatures_c={"tj": 50.5}, power_w={"VDD_IN": pytest.approx(5.251)}, mode="15W", host_used_bytes=2_048_000_000,
    )  # fmt: skip


def test_a_board_without_most_of_it():
    bare = types.SimpleNamespace(nvpmodel=None)
    assert reading_of(bare) == Reading()


things = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cpu", "freq", "cur", "rail", "RAM", "used", "temp"]), inner),
    max_leaves=10,
)  # fmt: skip


@given(things, things, things, things)
def test_no_form_breaks_it(cpu, gpu, memory, power):
    reading_of(jetson(cpu=cpu, gpu=gpu, memory=memory, power=power))


def service(start):
    class Jtop:
        def __init__(self, interval):
            self.interval, self.closed = interval, False
            vars(self).update(vars(jetson()))

        def close(self):
            self.closed = True

    Jtop.start = start
    return types.SimpleNamespace(jtop=Jtop)


def test_the_service_is_asked_and_left(monkeypatch):
    monkeypatch.setitem(sys.modules, "jtop", service(lambda self: None))
    source = open_jtop(0.5)
    assert source.read().mode == "15W" and source._jetson.interval == 0.5
    source.close()
    assert source._jetson.closed


def test_a_service_that_does_not_answer(monkeypatch):
    def start(self):
        raise RuntimeError("The jetson_stats.service is not active.\nPlease run")

    monkeypatch.setitem(sys.modules, "jtop", service(start))
    with pytest.raises(MachineError, match="does not answer: The jetson_stats"):
        open_jtop(0.5)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "jtop", None)
    with pytest.raises(MachineError, match="jetson-stats is not installed"):
        open_jtop(0.5)
