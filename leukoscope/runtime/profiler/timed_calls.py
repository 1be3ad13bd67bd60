"""Calls one after the other, each with its moment and its duration."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

TickNs = Callable[[], int]
"""A monotonic clock in nanoseconds."""


@dataclass
class Samples:
    """What was timed, in order."""

    began_tick_ns: list[int] = field(default_factory=list)
    taken_ms: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.taken_ms)

    @property
    def at_s(self) -> list[float]:
        """When each began, from the first on."""
        first = self.began_tick_ns[0] if self.began_tick_ns else 0
        return [(one - first) / NS_PER_S for one in self.began_tick_ns]

    @property
    def seconds(self) -> float:
        """From the first's beginning to the last's end."""
        if not self.began_tick_ns:
            return 0.0
        return (self.began_tick_ns[-1] - self.began_tick_ns[0]) / NS_PER_S + self.taken_ms[-1] / 1e3


@dataclass(frozen=True)
class Limits:
    """When to stop: after so many seconds, so many calls, or when somebody says so."""

    seconds: float
    calls: int
    stopped: Callable[[], bool] = lambda: False


def time_one(
    call: Callable[[int], object], number: int, samples: Samples, tick: TickNs = time.monotonic_ns
) -> float:
    """Times `call(number)`; adds it to `samples` and returns its milliseconds."""
    began = tick()
    call(number)
    taken_ms = (tick() - began) / NS_PER_MS
    samples.began_tick_ns.append(began)
    samples.taken_ms.append(taken_ms)
    return taken_ms


def time_calls(
    call: Callable[[int], object], limits: Limits, tick: TickNs = time.monotonic_ns
) -> Samples:
    """`call(0)`, `call(1)`, ... until a limit is reached; at least one unless it is stopped before."""
    samples, until = Samples(), tick() + int(limits.seconds * NS_PER_S)
    while len(samples) < limits.calls and not limits.stopped():
        time_one(call, len(samples), samples, tick)
        if tick() >= until:
            break
    return samples
