"""NVIDIA's management library, on desktops and on Thor: power, clocks, temperature, throttling and memory of device 0."""

import contextlib
import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.reading import Reading

INSTALL = "run: pip install nvidia-ml-py"
GPU = "gpu"
SW_POWER_CAP, HW_SLOWDOWN, SW_THERMAL, HW_THERMAL, HW_POWER_BRAKE = 0x4, 0x8, 0x20, 0x40, 0x80
THROTTLES = SW_POWER_CAP | HW_SLOWDOWN | SW_THERMAL | HW_THERMAL | HW_POWER_BRAKE
"""Reasons that hold clocks back against the work; others are idling, chosen clocks and synchronising
(docs.nvidia.com/deploy/nvml-api, NvmlClocksEventReasons)."""
T = TypeVar("T")


class Nvml:
    """Device 0, which is the one that the backends use. What the device does not tell is not known."""

    name = "nvml"

    def __init__(self, library: Any) -> None:
        self._library = library
        self._device = library.nvmlDeviceGetHandleByIndex(0)

    def read(self) -> Reading:
        """What it tells now."""
        library, device = self._library, self._device
        mhz = self._ask(lambda: library.nvmlDeviceGetClockInfo(device, library.NVML_CLOCK_GRAPHICS))
        celsius = self._ask(
            lambda: library.nvmlDeviceGetTemperature(device, library.NVML_TEMPERATURE_GPU)
        )
        milliwatts = self._ask(lambda: library.nvmlDeviceGetPowerUsage(device))
        percent = self._ask(lambda: library.nvmlDeviceGetUtilizationRates(device).gpu)
        used = self._ask(lambda: library.nvmlDeviceGetMemoryInfo(device).used)
        return Reading(
            gpu_mhz=None if mhz is None else float(mhz),
            gpu_load_share=None if percent is None else percent / 100,
            temperatures_c={} if celsius is None else {GPU: float(celsius)},
            power_w={} if milliwatts is None else {GPU: milliwatts / 1e3},
            throttled=self._throttled(),
            device_used_bytes=None if used is None else int(used),
        )

    def close(self) -> None:
        """Lets the library go."""
        with contextlib.suppress(self._library.NVMLError):
            self._library.nvmlShutdown()

    def _throttled(self) -> bool | None:
        library, device = self._library, self._device
        # The name before driver 535, which newer ones keep.
        reasons = self._ask(lambda: library.nvmlDeviceGetCurrentClocksThrottleReasons(device))
        return None if reasons is None else bool(reasons & THROTTLES)

    def _ask(self, question: Callable[[], T]) -> T | None:
        """The answer; None where the device has none (`Not Supported`, as much of it on a Jetson)."""
        try:
            return question()
        except self._library.NVMLError:
            return None


def open_nvml() -> Nvml:
    """MachineError where the package, the driver's library or a device is missing."""
    try:
        pynvml: Any = importlib.import_module("pynvml")
    except ImportError:
        raise MachineError("nvidia-ml-py is not installed", next_step=INSTALL) from None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise MachineError(f"NVML does not start: {error}") from None
    try:
        return Nvml(pynvml)
    except pynvml.NVMLError as error:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
        raise MachineError(f"NVML finds no device: {error}") from None
