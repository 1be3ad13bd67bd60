"""jetson-stats (jtop), an optional package of a Jetson's owner, where tegrastats is not to be had.

Units as the package gives them: clocks in kHz, power in mW, memory in KB, load in percent.
"""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.reading import Reading

INSTALL = "run: sudo pip3 install -U jetson-stats, then restart"
KILOBYTE = 1024


def reading_of(jetson: Any) -> Reading:
    """What an open `jtop` knows; parts of another form than expected are left out. Never raises for such."""
    cpu, gpu = _part(jetson, "cpu"), _part(jetson, "gpu")
    cores = [core for core in _list(cpu.get("cpu")) if core.get("online", True)]
    first = next(iter(_maps(gpu)), {})
    clocks = [_number(_map(core.get("freq")).get("cur")) for core in cores]
    idles = [_number(core.get("idle")) for core in cores]
    loads = [1 - idle / 100 for idle in idles if idle is not None]
    gpu_khz = _number(_map(first.get("freq")).get("cur"))
    gpu_percent = _number(_map(first.get("status")).get("load"))
    used = _number(_map(_part(jetson, "memory").get("RAM")).get("used"))
    return Reading(
        cpu_load_share=sum(loads) / len(loads) if loads else None,
        cpu_mhz=tuple(clock / 1e3 for clock in clocks if clock is not None),
        gpu_mhz=None if gpu_khz is None else gpu_khz / 1e3,
        gpu_load_share=None if gpu_percent is None else gpu_percent / 100,
        temperatures_c=dict(_values(_part(jetson, "temperature"), "temp", 1.0)),
        power_w=dict(_values(_map(_part(jetson, "power").get("rail")), "power", 1e-3)),
        mode=_mode(jetson),
        host_used_bytes=None if used is None else round(used * KILOBYTE),
    )


class Jtop:
    """A connection to the jtop service."""

    name = "jtop"

    def __init__(self, jetson: Any) -> None:
        self._jetson = jetson

    def read(self) -> Reading:
        """What the service told last."""
        return reading_of(self._jetson)

    def close(self) -> None:
        """Ends the connection."""
        self._jetson.close()


def open_jtop(interval_s: float) -> Jtop:
    """MachineError where the package is not installed or its service does not answer."""
    try:
        package: Any = importlib.import_module("jtop")
    except ImportError:
        raise MachineError("jetson-stats is not installed", next_step=INSTALL) from None
    try:
        jetson = package.jtop(interval=interval_s)
        jetson.start()
    except Exception as error:  # its own classes, and those of its sockets
        words = " ".join(str(error).split())[:200]
        raise MachineError(f"jtop does not answer: {words}", next_step=INSTALL) from None
    return Jtop(jetson)


def _values(part: Mapping[str, Any], key: str, factor: float) -> Iterator[tuple[str, float]]:
    for name, value in part.items():
        sensor = _map(value)
        number = _number(sensor.get(key))
        if number is not None and sensor.get("online", True):
            yield str(name), number * factor


def _mode(jetson: Any) -> str | None:
    model = getattr(jetson, "nvpmodel", None)
    name = getattr(model, "name", None) if model is not None else None
    return str(name) if name else None


def _part(jetson: Any, name: str) -> Mapping[str, Any]:
    """A property, as a plain mapping; jtop's own are mappings by their `items` only."""
    value = getattr(jetson, name, None)
    try:
        return dict(value.items()) if value is not None else {}
    except (AttributeError, TypeError, ValueError):
        return {}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (value for value in part.values() if isinstance(value, Mapping))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    finite = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if finite and value - value == 0 else None
