"""Warm-up by a rule: until the calls have stopped getting faster, and not a fixed number of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leukoscope.runtime.profiler.percentiles import median
from leukoscope.runtime.profiler.timed_calls import NS_PER_S, Limits, Samples, TickNs, time_one

WINDOW = 6
"""Calls whose median is looked at (our choice)."""
ALIKE = 3
"""So many windows in a row whose medians are alike are the end of the warm-up (our choice)."""
STABLE_WITHIN = 0.05
"""Medians are alike where the greatest is at most this share over the least (our choice)."""
RULE = f"until the medians of {ALIKE} windows of {WINDOW} calls in a row lie within {STABLE_WITHIN:.0%}"


@dataclass(frozen=True)
class WarmUp:
    """What the warm-up took; `stable` False where its time ran out first."""

    calls: int
    seconds: float
    stable: bool
    first_ms: float | None
    """The very first call."""
    rule: str = RULE


def warm_up(
    call: Callable[[int], object], limits: Limits, tick: TickNs = time.monotonic_ns
) -> WarmUp:
    """Calls `call(0)`, `call(1)`, ... until RULE holds or a limit is reached."""
    samples, began = Samples(), tick()
    until = began + int(limits.seconds * NS_PER_S)
    stable = False
    while not stable and len(samples) < limits.calls and not limits.stopped():
        time_one(call, len(samples), samples, tick)
        stable = is_stable(samples.taken_ms)
        if tick() >= until:
            break
    first = samples.taken_ms[0] if samples.taken_ms else None
    return WarmUp(len(samples), (tick() - began) / NS_PER_S, stable, first)


def is_stable(taken_ms: Sequence[float]) -> bool:
    """Whether the last ALIKE whole windows before the end of `taken_ms` are alike; only asked at the end of a window."""
    if len(taken_ms) < ALIKE * WINDOW or len(taken_ms) % WINDOW:
        return False
    last = taken_ms[-ALIKE * WINDOW :]
    medians = [median(last[i : i + WINDOW]) or 0.0 for i in range(0, len(last), WINDOW)]
    return max(medians) <= min(medians) * (1 + STABLE_WITHIN)
