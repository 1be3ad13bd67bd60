"""Whose the processor's time was: ours, other programs', the hypervisor's. From /proc/stat and this process's own times."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

STAT = Path("/proc/stat")
FIELDS = 8
"""user, nice, system, idle, iowait, irq, softirq, steal; guests are in user and nice already (proc(5))."""
IDLE, WAITING, STOLEN = 3, 4, 7


@dataclass(frozen=True)
class CpuTime:
    """Since the start of the machine, of the cores that this process may use, in seconds."""

    total_s: float
    busy_s: float
    """Of all programs, ours among them; without what was stolen."""
    stolen_s: float
    own_s: float
    """Of this process and the children that it has waited for."""


@dataclass(frozen=True)
class Load:
    """Shares of the cores' time, 0 to 1."""

    own_share: float
    others_share: float
    stolen_share: float
    """The hypervisor's, for other machines."""


def cpu_time(stat: Path = STAT) -> CpuTime | None:
    """Now; None where the system does not say."""
    try:
        text = stat.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    ticks = _ticks(text, _cores())
    if ticks is None:
        return None
    per_s = os.sysconf("SC_CLK_TCK")
    total = sum(ticks)
    busy = total - ticks[IDLE] - ticks[WAITING] - ticks[STOLEN]
    return CpuTime(total / per_s, busy / per_s, ticks[STOLEN] / per_s, sum(os.times()[:4]))


def load_between(begin: CpuTime | None, end: CpuTime | None) -> Load | None:
    """Of the time from `begin` to `end`; None where it is not known, or none has passed."""
    if begin is None or end is None or end.total_s <= begin.total_s:
        return None
    total = end.total_s - begin.total_s
    own = max(0.0, end.own_s - begin.own_s)
    others = max(0.0, end.busy_s - begin.busy_s - own)
    stolen = max(0.0, end.stolen_s - begin.stolen_s)
    return Load(*(min(1.0, one / total) for one in (own, others, stolen)))


def _cores() -> Collection[int] | None:
    """Those that this process may use; None: all."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


def _ticks(text: str, cores: Collection[int] | None) -> list[int] | None:
    """Sums of the `cpuN` lines of `cores`, else the line of all; None where there is neither."""
    sums = [0] * FIELDS
    found = False
    for line in text.splitlines():
        name, *words = line.split() or [""]
        values = [int(word) for word in words[:FIELDS] if word.isdecimal()]
        if not name.startswith("cpu") or len(values) != FIELDS:
            continue
        number = name.removeprefix("cpu")
        wanted = number == "" if cores is None else number.isdecimal() and int(number) in cores
        if wanted:
            sums = [a + b for a, b in zip(sums, values, strict=True)]
            found = True
    return sums if found else None
