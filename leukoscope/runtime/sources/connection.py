"""One opening of a camera, on a thread of its own that may hang without harm to anybody else."""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from numpy.typing import NDArray

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.sources.capture import Capture, fault_of
from leukoscope.runtime.sources.clock import Clock
from leukoscope.runtime.sources.freeze import FreezeWatch
from leukoscope.runtime.sources.newest import FROZEN, GARBAGE, STALE, STOPPED, Grabbed, NewestFrame

OpenCapture = Callable[[], Capture]
"""Opens the camera; may hang, and raise whatever the driver raises."""
GARBAGE_IN_A_ROW = 10
"""So many pictures that are none, one behind the other, are a lost camera."""


class Connection:
    """Opens, reads until something is wrong, releases: all on its own thread, as drivers want it.

    Everything public is read and written under `newest.changed`, which is notified of each change.
    """

    def __init__(
        self, open_capture: OpenCapture, newest: NewestFrame, freeze: FreezeWatch, clock: Clock
    ) -> None:
        self._open, self._newest, self._freeze, self._clock = open_capture, newest, freeze, clock
        self._thread = Thread(target=self._run, name="camera", daemon=True)
        self._garbage_run = 0
        self._abandoned = False
        self.size_px: tuple[int, int] | None = None
        """Width and height of the first good frame; None before it."""
        self.began_tick_ns = self.last_good_tick_ns = clock.tick_ns()
        """Of the last good frame; of the beginning before the first."""
        self.loss: str | None = None
        """Why it is over; None while it stands."""

    def start(self) -> None:
        """Opens the camera; returns at once."""
        self._thread.start()

    def abandon(self) -> None:
        """Whatever still comes is dropped as stale; the thread ends when the driver lets it."""
        with self._newest.changed:
            self._abandoned = True

    def is_stuck(self, patience_s: float = 0.0) -> bool:
        """Whether the thread is still there after `patience_s` seconds."""
        self._thread.join(patience_s)
        return self._thread.is_alive()

    def _run(self) -> None:
        if self._abandoned:
            return
        try:
            capture = self._open()
        except LeukoscopeError as refused:
            self._lose(refused.found)
            return
        except Exception:  # a driver's own text may hold the URI
            self._lose("it cannot be opened")
            return
        try:
            while self._read_one(capture):
                pass
        except Exception as fault:
            self._lose(f"its driver failed ({type(fault).__name__})")
        finally:
            with suppress(Exception):  # there is nobody left whom it would concern
                capture.release()

    def _read_one(self, capture: Capture) -> bool:
        """Whether to go on."""
        if self._abandoned:
            return False
        if not capture.grab():
            return self._lose("it gives no more pictures")
        at_ns, tick_ns = self._clock.wall_ns(), self._clock.tick_ns()
        pixels = capture.retrieve()
        with self._newest.changed:
            if self._abandoned:
                self._newest.refuse(STOPPED if self._newest.stopped else STALE)
                return False
            return self._judge(pixels, at_ns, tick_ns)

    def _judge(self, pixels: NDArray[Any] | None, at_ns: int, tick_ns: int) -> bool:
        fault = fault_of(pixels)
        if pixels is None or fault is not None:
            self._newest.refuse(GARBAGE)
            self._garbage_run += 1
            too_many = self._garbage_run >= GARBAGE_IN_A_ROW
            return not too_many or self._lose(
                f"{GARBAGE_IN_A_ROW} pictures in a row are none ({fault})"
            )
        self._garbage_run = 0
        if self._freeze.look(pixels, tick_ns):
            self._newest.refuse(FROZEN)
            return self._lose("it is frozen: it repeats one picture")
        self.last_good_tick_ns = tick_ns
        if self.size_px is None:
            self.size_px = (pixels.shape[1], pixels.shape[0])
        self._newest.put(Grabbed(pixels, at_ns, tick_ns))
        return True

    def _lose(self, cause: str) -> bool:
        """Notes why; always False."""
        with self._newest.changed:
            self.loss = cause
            self._newest.changed.notify_all()
        return False
