"""A camera that is none: fields in memory, given at a steady rate through the real live source."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.profiler.timed_calls import NS_PER_S
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource

NAME = "profile://camera"


class PacedCapture:
    """Fulfils `Capture`: picture n is there n / rate seconds after the first grab, whoever takes it."""

    def __init__(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        rate_hz: float,
        tick: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pictures, self._rate_hz = pictures, rate_hz
        self._tick, self._sleep = tick, sleep
        self._began: int | None = None
        self._grabbed = 0

    def grab(self) -> bool:
        """Waits until the next picture is due; a reader that comes late gets it at once, as from a driver's queue."""
        if self._began is None:
            self._began = self._tick()
        due = self._began + round(self._grabbed * NS_PER_S / self._rate_hz)
        wait_s = (due - self._tick()) / NS_PER_S
        if wait_s > 0:
            self._sleep(wait_s)
        self._grabbed += 1
        return True

    def retrieve(self) -> NDArray[np.uint8] | None:
        """The picture itself: nobody writes on it."""
        return self._pictures[(self._grabbed - 1) % len(self._pictures)]

    def release(self) -> None: ...


def open_camera(pictures: Sequence[NDArray[np.uint8]], rate_hz: float) -> LiveSource:
    """A live source of these pictures [H, W, 3], round and round, that is never taken for frozen."""
    patience = Patience(frozen_s=0)
    return LiveSource(
        NAME, "camera", lambda: PacedCapture(pictures, rate_hz), patience, rate_hz=rate_hz
    )
