"""A camera over virtual slides that fails in every way, by a seed: it is what `LiveSource` opens."""

import threading
import time

import numpy as np

from leukoscope.images.opencv import cv2
from leukoscope.runtime.sources.backoff import Backoff
from leukoscope.runtime.sources.clock import SystemClock
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource

PATIENCE = Patience(stall_s=1.0, open_s=3.0, frozen_s=0.3)
"""A day's outages, shortened: the code waits by these as it would by seconds."""
HANG_S = 1.3
FROZEN_STEP_S = 0.01
GONE, RAISES, HANGS, FREEZES, SPEWS = "gone", "raises", "hangs", "freezes", "spews"
FAULTS = (GONE, RAISES, HANGS, FREEZES, SPEWS)
REFUSED, RESIZED, JUMPS = 0.15, 0.25, 0.2
"""Shares of the connections that are refused, have another size, come after the wall clock has jumped."""
STRAY, HURRY = 0.01, 0.03
"""Shares of pictures that are none, and of those that do not wait for the one before to be taken."""
RUBBISH = (
    None,
    np.zeros((0, 0, 3), np.uint8),
    np.zeros((240, 320), np.uint8),
    np.zeros((240, 320, 3), np.float32),
    np.zeros((3, 3, 3), np.uint8),
)


class JumpingClock(SystemClock):
    """A wall clock that somebody sets now and then; the ticks go on."""

    def __init__(self):
        self.off_ns = 0

    def wall_ns(self):
        return time.time_ns() + self.off_ns


class FaultyCamera:
    """Gives the pictures of path after path; a connection lasts `mean_frames` pictures on average, then fails."""

    def __init__(self, pool, seed, mean_frames=300):
        self._pool, self._mean = pool, mean_frames
        self._rng = np.random.default_rng([seed, 77])
        self._lock = threading.Lock()
        self._path, self._shots, self._coming = 0, iter(()), []
        self.clock = JumpingClock()
        self.over, self._looked = threading.Event(), 0
        self.grabbed = self.open_now = self.connections = 0
        self.faults = dict.fromkeys(FAULTS, 0)
        self.source = LiveSource(
            "scripted://camera", "camera", self.open, PATIENCE,
            backoff=Backoff(0.005, 0.02), clock=self.clock,
        )  # fmt: skip

    def open(self):
        with self._lock:
            self.connections += 1
            chance = self._rng.random(3)
            if chance[1] < JUMPS:
                self.clock.off_ns = int(self._rng.integers(-(10**13), 10**13))
            if chance[0] < REFUSED:
                raise OSError("no such device")
            size = (240, 180) if chance[2] < RESIZED else None
            frames = 1 + int(self._rng.geometric(1 / self._mean))
            fault = self._next_fault()
            self.open_now += 1
            return FaultyCapture(self, np.random.default_rng(self._rng.integers(2**32)), frames, fault, size)  # fmt: skip

    def _next_fault(self):
        """All of them before any comes again, in an order that is drawn each time."""
        self._coming = self._coming or [str(name) for name in self._rng.permutation(FAULTS)]
        return self._coming.pop()

    def next_picture(self):
        """The next frame of the path, or the first of the next path."""
        with self._lock:
            index = next(self._shots, None)
            if index is None:
                self._path += 1
                self._source = self._pool.source(self._path)
                self._shots = iter(range(len(self._source.truth.moments)))
                index = next(self._shots)
            return self._source.shoot(index)

    def looked_at(self, frame):
        """The stream has begun to look at it."""
        self._looked = frame.index + 1

    def wait_until_looked_at(self):
        """The last picture; not for ever, as no camera does."""
        for _ in range(500):
            seen, given, dropped = self.source.books()
            if seen == given + dropped and self._looked >= given:
                return
            time.sleep(0.001)

    def noted(self, fault):
        with self._lock:
            self.faults[fault] += 1

    def close(self):
        """All that hangs goes on; waits until every driver has let go."""
        self.over.set()
        deadline = time.monotonic() + 20
        while self.open_now and time.monotonic() < deadline:
            time.sleep(0.01)


class FaultyCapture:
    """One connection."""

    def __init__(self, camera, rng, frames, fault, size):
        self._camera, self._rng = camera, rng
        self._left, self._fault, self._size = frames, fault, size
        self._picture, self._failed = None, False

    def grab(self):
        if self._left <= 0 and not self._fail():
            return False
        self._left -= 1
        if self._fault != FREEZES or self._left > 0:
            self._picture = self._next()
        if self._rng.random() > HURRY:
            self._camera.wait_until_looked_at()
        with self._camera._lock:
            self._camera.grabbed += 1
        return True

    def retrieve(self):
        return self._picture

    def release(self):
        with self._camera._lock:
            self._camera.open_now -= 1

    def _next(self):
        if self._rng.random() < STRAY or (self._left < 0 and self._fault == SPEWS):
            return RUBBISH[int(self._rng.integers(len(RUBBISH)))]
        picture = self._camera.next_picture()
        return picture if self._size is None else np.asarray(cv2.resize(picture, self._size))

    def _fail(self):
        """Whether there are pictures all the same."""
        if not self._failed:
            self._failed = True
            self._camera.noted(self._fault)
        if self._fault == RAISES:
            raise RuntimeError("the driver fell over")
        if self._fault == HANGS:
            self._camera.over.wait(HANG_S)
        if self._fault == FREEZES:
            self._camera.over.wait(FROZEN_STEP_S)
        return self._fault in (FREEZES, SPEWS)
