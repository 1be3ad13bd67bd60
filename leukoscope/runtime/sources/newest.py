"""The place where a camera's newest frame waits, and the books of what became of the others.

At every moment, under one lock: frames seen = frames given + frames dropped (by cause) + the one that waits.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition
from typing import Any

from numpy.typing import NDArray

LATE = "late"
"""Overtaken by a newer frame before it was taken."""
GARBAGE = "garbage"
"""Cannot be decoded, or is no colour picture of a sensible size."""
FROZEN = "frozen"
"""The picture that a frozen camera repeats, from the moment on that it is known to be frozen."""
STALE = "stale"
"""Came from a connection that had been given up."""
STOPPED = "stopped"
"""Waited, or came, when the run was stopped."""


@dataclass(frozen=True, eq=False)
class Grabbed:
    """A picture with the moment right after the driver gave it."""

    pixels: NDArray[Any]
    """uint8 [H, W, 3] RGB."""
    at_ns: int
    """Wall clock."""
    tick_ns: int
    """Monotonic clock."""


class NewestFrame:
    """One place, one lock: whoever waits for anything about a live source waits on `changed`."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.stopped = False
        """Nobody wants frames any more."""
        self.ended = False
        """There will be none any more."""
        self._waiting: Grabbed | None = None
        self._seen = self._given = 0
        self._drops: Counter[str] = Counter()

    def put(self, grabbed: Grabbed) -> None:
        """A good frame; the one that waited is dropped as late."""
        with self.changed:
            self._seen += 1
            if self.stopped:
                self._drops[STOPPED] += 1
                return
            if self._waiting is not None:
                self._drops[LATE] += 1
            self._waiting = grabbed
            self.changed.notify_all()

    def refuse(self, cause: str) -> None:
        """A frame that is not to be given."""
        with self.changed:
            self._seen += 1
            self._drops[cause] += 1

    def take(self) -> Grabbed | None:
        """Waits for the newest frame; None once the run was stopped, or there are no more."""
        with self.changed:
            while self._waiting is None and not (self.stopped or self.ended):
                self.changed.wait()
            if self.stopped or self._waiting is None:
                return None
            taken, self._waiting = self._waiting, None
            self._given += 1
            return taken

    def stop(self) -> None:
        """For good: `take` gives None from now on, and what waits is dropped."""
        with self.changed:
            self.stopped = True
            if self._waiting is not None:
                self._waiting = None
                self._drops[STOPPED] += 1
            self.changed.notify_all()

    def end(self) -> None:
        """No more frames come; the one that waits is still given."""
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def drops(self) -> Mapping[str, int]:
        """By cause."""
        with self.changed:
            return dict(self._drops)

    def books(self) -> tuple[int, int, int]:
        """Frames seen, given, dropped: of one moment."""
        with self.changed:
            return self._seen, self._given, self._drops.total()
