"""What Linux tells of any machine: load, clocks, temperatures, throttling, memory. From /proc and /sys, by reading files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leukoscope.runtime.profiler.cpu_time import cpu_time, load_between
from leukoscope.runtime.profiler.monitors.reading import Reading

TEXT_LIMIT = 1 << 20
COUNTERS = (
    "sys/devices/system/cpu/cpu*/thermal_throttle/*_throttle_count",
    "sys/class/hwmon/hwmon*/oc*_event_cnt",
)
"""How often heat (x86) or current (Jetson) has held the clocks back since the start."""
ALERT = "-throttle-alert"
"""Ends the type of a Jetson's cooling devices that hold clocks back; a fan is one too, and no throttling."""
_MHZ = re.compile(r"^cpu MHz\s*:\s*(\d{1,6}(?:\.\d{1,6})?)\s*$", re.MULTILINE)
_MEMORY = re.compile(r"^(MemTotal|MemAvailable):\s*(\d{1,15}) kB$", re.MULTILINE)


@dataclass(frozen=True)
class HostFiles:
    """Where they are; another `root` for tests."""

    root: Path = Path("/")

    def text(self, path: str) -> str:
        """Of one file; '' where it cannot be read."""
        return _text(self.root / path)

    def matching(self, pattern: str) -> list[Path]:
        """Files by a pattern, in order."""
        return sorted(self.root.glob(pattern))


class Host:
    """This machine; loads are those since the reading before."""

    name = "host"

    def __init__(self, files: HostFiles = HostFiles()) -> None:
        self._files = files
        # Which files there are does not change while it is measured; looking for them is what costs.
        self._clocks = files.matching("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")
        self._zones = [
            (f"{_text(zone / 'type') or zone.name}", zone / "temp")
            for zone in files.matching("sys/class/thermal/thermal_zone*")
        ]
        self._alerts = [
            device / "cur_state"
            for device in files.matching("sys/class/thermal/cooling_device*")
            if _text(device / "type").endswith(ALERT)
        ]
        self._counters = [path for pattern in COUNTERS for path in files.matching(pattern)]
        self._throttled_before = self._count()
        self._time = cpu_time(files.root / "proc/stat")

    def read(self) -> Reading:
        """What the files say now."""
        before, self._time = self._time, cpu_time(self._files.root / "proc/stat")
        load = load_between(before, self._time)
        return Reading(
            cpu_load_share=None if load is None else min(1.0, load.own_share + load.others_share),
            own_cpu_share=None if load is None else load.own_share,
            cpu_mhz=self._mhz(),
            temperatures_c=dict(self._temperatures()),
            throttled=self._throttled(),
            host_used_bytes=used_memory(self._files.text("proc/meminfo")),
        )

    def close(self) -> None:
        """Nothing is held."""

    def _mhz(self) -> tuple[float, ...]:
        known = [value for path in self._clocks if (value := _integer(_text(path))) is not None]
        if known:
            return tuple(khz / 1e3 for khz in known)
        return tuple(float(mhz) for mhz in _MHZ.findall(self._files.text("proc/cpuinfo")))

    def _temperatures(self) -> Iterator[tuple[str, float]]:
        for name, path in self._zones:
            thousandths = _integer(_text(path))
            if thousandths is not None:
                yield name, thousandths / 1e3

    def _throttled(self) -> bool | None:
        """Whether an alert is on or a counter has risen; None where the machine has neither."""
        count = self._count()
        risen, self._throttled_before = count > self._throttled_before, count
        alerts = [state for path in self._alerts if (state := _integer(_text(path))) is not None]
        if not alerts and not self._counters:
            return None
        return risen or any(state > 0 for state in alerts)

    def _count(self) -> int:
        return sum(_integer(_text(path)) or 0 for path in self._counters)


def used_memory(meminfo: str) -> int | None:
    """What programs cannot have any more, bytes: MemTotal - MemAvailable; None where either is missing."""
    found = {name: int(kilobytes) * 1024 for name, kilobytes in _MEMORY.findall(meminfo)}
    if len(found) != 2:
        return None
    return max(0, found["MemTotal"] - found["MemAvailable"])


def _text(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(TEXT_LIMIT).strip()
    except OSError:
        return ""


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    sound = digits.isascii() and digits.isdecimal() and len(digits) < 16
    return int(text) if sound else None
