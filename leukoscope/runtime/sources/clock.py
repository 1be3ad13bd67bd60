"""The two clocks of a source, and waiting by them: one seam, so that tests turn the hands themselves."""

import time
from threading import Condition
from typing import Protocol

NS_PER_S = 1_000_000_000


class Clock(Protocol):
    """Time as a source sees it."""

    def wall_ns(self) -> int:
        """Nanoseconds since the epoch; it may jump, and only labels frames."""
        ...

    def tick_ns(self) -> int:
        """Monotonic nanoseconds; everything that waits goes by these."""
        ...

    def wait(self, changed: Condition, until_tick_ns: int | None) -> None:
        """Waits on `changed`, which the caller holds, until it is notified or the moment has come; it may wake too early."""
        ...


class SystemClock:
    """The machine's."""

    def wall_ns(self) -> int:
        return time.time_ns()

    def tick_ns(self) -> int:
        return time.monotonic_ns()

    def wait(self, changed: Condition, until_tick_ns: int | None) -> None:
        if until_tick_ns is None:
            changed.wait()
        else:
            changed.wait(max(0, until_tick_ns - self.tick_ns()) / NS_PER_S)


SYSTEM_CLOCK = SystemClock()
