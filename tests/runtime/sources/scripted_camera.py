"""A camera that does what a script says, and a clock whose hands the script turns."""

import time
from collections import deque
from threading import Event, Thread

import numpy as np

from leukoscope.runtime.sources.backoff import Backoff
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource
from leukoscope.runtime.sources.source import SourceState

S = 1_000_000_000
PATIENCE_S = 20.0
"""Real seconds after which a script gives up: only a test that fails gets there."""
GONE, HANG, GARBAGE = "gone", "hang", "garbage"


class HandClock:
    """Stands still until it is told to go on; who waits looks again every few milliseconds."""

    def __init__(self):
        self._tick_ns = 10**15

    def wall_ns(self):
        return self._tick_ns + 17 * 10**17

    def tick_ns(self):
        return self._tick_ns

    def advance(self, seconds):
        self._tick_ns += int(seconds * S)

    def wait(self, changed, until_tick_ns):
        changed.wait(0.003)


def picture(number=0, size_px=(64, 48)):
    """Noise that is the same for the same number."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 255, (size_px[1], size_px[0], 3), np.uint8)


def wait_until(condition):
    """Of a test: fails if it does not come to hold."""
    for _ in range(int(PATIENCE_S / 0.002)):
        if condition():
            return
        time.sleep(0.002)
    raise AssertionError("what was waited for never came")


class ScriptedCamera:
    """Each connection plays the next script; when there is none left, it is refused.

    A step is a picture (or anything that is none), GONE, HANG (time passes, then nothing happens until the test is over), a
    number (seconds that pass before the next step), or a function: what it returns is awaited.
    """

    def __init__(self, clock, *scripts, hang_s, hang_real_s):
        self.clock, self.scripts = clock, deque(scripts)
        self.hang_s, self.hang_real_s = hang_s, hang_real_s
        self.decode_s = 0.0
        self.over = Event()
        self.opened = self.released = self.grabbed = 0

    def open(self):
        self.opened += 1
        if not self.scripts:
            self.clock.advance(1)  # whoever waits for an outage to be over must see its end
        script = self.scripts.popleft() if self.scripts else OSError("rtsp://user:secret@host")
        if script is HANG:
            self.hang()
            script = [GONE]
        if isinstance(script, Exception):
            raise script
        return ScriptedCapture(self, script)

    def hang(self):
        self.clock.advance(self.hang_s)
        self.over.wait(self.hang_real_s)

    def wait_for(self, condition):
        """Of a step: until it holds, or the test is over."""
        wait_until(lambda: condition() or self.over.is_set())


class ScriptedCapture:
    def __init__(self, camera, script):
        self.camera, self.steps, self.picture = camera, deque(script), None

    def grab(self):
        while self.steps:
            step = self.steps.popleft()
            if isinstance(step, int | float):
                self.camera.clock.advance(step)
            elif callable(step):
                self.camera.wait_for(step)
            elif isinstance(step, Exception):
                raise step
            elif isinstance(step, str) and step == GONE:
                return False
            elif isinstance(step, str) and step == HANG:
                self.camera.hang()
            else:
                self.picture = None if isinstance(step, str) else step
                self.camera.grabbed += 1
                return True
        self.camera.over.wait(PATIENCE_S)  # the camera stays, and has nothing to show
        return False

    def retrieve(self):
        self.camera.clock.advance(self.camera.decode_s)
        return self.picture

    def release(self):
        self.camera.released += 1


class Play:
    """A live source over scripts, its events and faults; to be used as a context, which ends all hanging."""

    def __init__(
        self,
        *scripts,
        backoff=None,
        backoff_s=0.0,
        hang_s=1000.0,
        hang_real_s=PATIENCE_S,
        **patience,
    ):
        self.clock = HandClock()
        self.camera = ScriptedCamera(self.clock, *scripts, hang_s=hang_s, hang_real_s=hang_real_s)
        self.source = LiveSource(
            "scripted://camera",
            "camera",
            self.camera.open,
            Patience(**patience),
            backoff=Backoff(backoff_s, backoff_s) if backoff is None else backoff,
            clock=self.clock,
        )
        self.events, self.faults, self.takers = [], [], []
        self.frames = self.source.frames(self.faults.append, self.events.append)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.source.stop()
        self.camera.over.set()
        for thread in self.takers:
            thread.join(PATIENCE_S)
        self.frames.close()

    @property
    def states(self):
        return [event.state for event in self.events]

    @property
    def words(self):
        return " | ".join([*(event.detail for event in self.events), *map(str, self.faults)])

    def given(self, count):
        """A step: waits until so many frames were taken."""
        return lambda: self.source.books()[1] >= count

    def seen(self, count):
        """A step: waits until so many frames were seen."""
        return lambda: self.source.books()[0] >= count

    def state(self, state, times=1):
        """A step: waits until this was told."""
        return lambda: self.states.count(state) >= times

    def take_rest(self):
        """A thread that takes all frames; its `taken` is a list."""
        taken = []

        def take():
            taken.extend(self.frames)

        thread = Thread(target=take, daemon=True)
        thread.taken = taken
        thread.start()
        self.takers.append(thread)
        return thread

    def check_books(self):
        seen, given, dropped = self.source.books()
        assert seen == given + dropped == given + sum(self.source.drops().values())


CONNECTING, LIVE, LOST, ENDED = (
    SourceState.CONNECTING,
    SourceState.LIVE,
    SourceState.LOST,
    SourceState.ENDED,
)
