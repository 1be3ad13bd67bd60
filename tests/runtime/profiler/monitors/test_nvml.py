"""NVIDIA's management library, with a stand-in that has no name which the real package lacks."""

import sys
import types

import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors import nvml
from leukoscope.runtime.profiler.monitors.nvml import Nvml, open_nvml
from leukoscope.runtime.profiler.monitors.reading import Reading


class NVMLError(Exception):
    pass


def library(**changes):
    """A module that answers as `changes` say; an exception is raised."""
    answers = {
        "nvmlDeviceGetClockInfo": 1410, "nvmlDeviceGetTemperature": 54, "nvmlDeviceGetPowerUsage": 187_500,
        "nvmlDeviceGetUtilizationRates": types.SimpleNamespace(gpu=85, memory=3),
        "nvmlDeviceGetMemoryInfo": types.SimpleNamespace(used=3 << 30, total=8 << 30),
        "nvmlDeviceGetCurrentClocksThrottleReasons": 0x1, "nvmlInit": None, "nvmlShutdown": None,
        "nvmlDeviceGetHandleByIndex": "handle", **changes,
    }  # fmt: skip
    made = types.SimpleNamespace(
        NVMLError=NVMLError, NVML_CLOCK_GRAPHICS=0, NVML_TEMPERATURE_GPU=0, asked=[]
    )
    for name, answer in answers.items():
        setattr(made, name, teller(made, name, answer))
    return made


def teller(made, name, answer):
    def tell(*arguments):
        made.asked.append((name, arguments))
        if isinstance(answer, Exception):
            raise answer
        return answer

    return tell


def test_all_that_a_desktop_tells():
    assert Nvml(library()).read() == Reading(
        gpu_mhz=1410.0, gpu_load_share=0.85, temperatures_c={"gpu": 54.0}, power_w={"gpu": 187.5}, throttled=False,
        device_used_bytes=3 << 30,
    )  # fmt: skip


def test_what_is_not_supported_is_not_known():
    """As on a Jetson, whose driver knows little of it."""
    names = [
        name
        for name in vars(library())
        if name.startswith("nvmlDeviceGet") and "Handle" not in name
    ]
    assert Nvml(library(**{name: NVMLError("Not Supported") for name in names})).read() == Reading()


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [(0, False), (0x1, False), (0x2, False), (0x100, False), (0x4, True), (0x8, True), (0x20, True), (0x41, True), (0x80, True)],
)  # fmt: skip
def test_reasons_that_are_throttling(reasons, expected):
    made = library(nvmlDeviceGetCurrentClocksThrottleReasons=reasons)
    assert Nvml(made).read().throttled is expected


def test_the_library_is_let_go():
    made = library(nvmlShutdown=NVMLError("Uninitialized"))
    Nvml(made).close()
    assert made.asked[-1] == ("nvmlShutdown", ())


def test_the_package_has_every_name(monkeypatch):
    real = pytest.importorskip(
        "pynvml", reason="nvidia-ml-py: not installed; to run it: pip install nvidia-ml-py"
    )
    for name in vars(library()):
        assert name == "asked" or hasattr(real, name), name
    reasons = {
        nvml.SW_POWER_CAP: "SwPowerCap", nvml.HW_SLOWDOWN: "HwSlowdown", nvml.SW_THERMAL: "SwThermalSlowdown",
        nvml.HW_THERMAL: "HwThermalSlowdown", nvml.HW_POWER_BRAKE: "HwPowerBrakeSlowdown",
    }  # fmt: skip
    for value, name in reasons.items():
        assert getattr(real, f"nvmlClocksThrottleReason{name}") == value


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"nvmlInit": NVMLError("NVML Shared Library Not Found")},
            "does not start: NVML Shared Library Not Found",
        ),
        ({"nvmlDeviceGetHandleByIndex": NVMLError("Invalid Argument")}, "finds no device"),
    ],
)
def test_without_a_driver_or_a_device(monkeypatch, changes, words):
    monkeypatch.setitem(sys.modules, "pynvml", library(**changes))
    with pytest.raises(MachineError, match=words):
        open_nvml()


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(MachineError, match="pip install nvidia-ml-py"):
        open_nvml()
