"""On which machine, with which software, beside how much other work."""

import os
import platform
import resource
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from leukoscope.runtime.cpu import instruction_set

BUSY_FROM = 0.05
"""Share of the processor's time taken by others from which figures are marked `busy` (our choice)."""
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def machine(packages: list[str]) -> dict[str, Any]:
    """Processor, cores, memory, system, Python and the packages' versions (None: not installed)."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "instruction_set": instruction_set(),
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
    }


class OtherWork:
    """How much of the processor's time others took between its making and `share()`."""

    def __init__(self) -> None:
        self._all, self._own = _busy_s(), _own_s()
        self._began = os.times().elapsed

    def share(self) -> float | None:
        """0 to 1 of all cores; None where the system does not say. Children count as our own once they have ended."""
        busy = _busy_s()
        if busy is None or self._all is None:
            return None
        spent = (os.times().elapsed - self._began) * (os.cpu_count() or 1)
        others = busy - self._all - (_own_s() - self._own)
        return max(0.0, min(1.0, others / spent)) if spent else 0.0


def _busy_s() -> float | None:
    try:
        words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _, _, irq, soft, steal = map(int, words[:8])
    return (user + nice + system + irq + soft + steal) / TICKS_A_SECOND


def _own_s() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        found.setdefault(key.strip(), value.strip())
    name = found.get("model name", platform.machine())
    return f"{name} (family {found.get('cpu family', '?')}, model {found.get('model', '?')})"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
