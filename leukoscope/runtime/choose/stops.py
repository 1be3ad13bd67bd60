"""Where the stage stands: what it does between frames, and when a new stop begins.

A stop is a place. Vibration about it, a slow creep and a move that comes back are all the same stop, until less
than SAME_PLACE of the field that was taken there (or, before that, of the stop's first) is in view.
"""

from collections import deque
from dataclasses import dataclass

from leukoscope.runtime.choose.motion import Look, Shift, Window
from leukoscope.runtime.choose.reduced import Green

SETTLE_S = 0.15
"""The stage stands when it has kept its place for so long, by the frames' capture times; between two frames that are
further apart it must not have moved."""
STILL_SHARE = 0.01
"""Keeping its place: no further than this share of the field's width or height (19 of 1920 pixels). A stage that
vibrates by less is still; what the exposure smears is found by the focus."""
SAME_PLACE = 0.75
"""Share of the field that is still in view at the same stop. Fields that overlap by 60 % or less are two stops."""


@dataclass(frozen=True)
class Standing:
    """Where the stage stands in a frame."""

    stop: int | None
    """Number of the stop, from 0; None while the stage moves."""
    begins: bool
    """Whether this frame is the first of its stop."""
    shift: Shift | None
    """Against the frame before; None for the first, and where the two have nothing in common."""


class Stops:
    """Follows the stage from frame to frame."""

    def __init__(self) -> None:
        self.number = -1
        """Of the last stop that began; -1 before there was one."""
        self._window: Window | None = None
        self._shape = (0, 0)
        self._before: Look | None = None
        self._anchor: Look | None = None
        self._path: deque[tuple[float, float, float]] = deque()
        self._stayed = False

    def forget(self) -> None:
        """Frames of another kind follow: nothing before can be compared with them."""
        self._window = self._before = self._anchor = None
        self._path.clear()
        self._stayed = False

    def observe(self, green: Green, at_s: float) -> Standing:
        """Where the stage stands in the frame with this reduced copy, captured at `at_s`."""
        if self._window is None or green.shape != self._shape:
            self.forget()
            self._shape = (green.shape[0], green.shape[1])
            self._window = Window(self._shape)
        now = self._window.look(green)
        shift = self._window.shift(self._before, now) if self._before is not None else None
        self._before = now
        self._walk(shift, at_s)
        if not self._is_still(at_s):
            self._stayed = False
            return Standing(None, False, shift)
        begins = not self._same_place(self._window, now)
        if begins:
            self.number, self._anchor = self.number + 1, now
        self._stayed = True
        return Standing(self.number, begins, shift)

    def taken(self) -> None:
        """The last frame was taken: the stop is where it is."""
        self._anchor = self._before

    def _walk(self, shift: Shift | None, at_s: float) -> None:
        """Adds the frame to the path; a jump that cannot be followed begins a new one."""
        if shift is None:
            self._path.clear()
        _, x, y = self._path[-1] if self._path else (at_s, 0.0, 0.0)
        dx, dy = (shift.x, shift.y) if shift is not None else (0.0, 0.0)
        self._path.append((at_s, x + dx, y + dy))
        while len(self._path) > 2 and self._path[1][0] <= at_s - SETTLE_S:
            self._path.popleft()

    def _is_still(self, at_s: float) -> bool:
        if len(self._path) < 2 or at_s - self._path[0][0] < SETTLE_S:
            return False
        _, xs, ys = zip(*self._path, strict=True)
        return bool(max(max(xs) - min(xs), max(ys) - min(ys)) <= STILL_SHARE)

    def _same_place(self, window: Window, now: Look) -> bool:
        """Whether the stop goes on; the place is marked anew where it stayed and only its look has changed."""
        if self._anchor is None:
            return False
        shift = window.shift(self._anchor, now)
        if shift is not None:
            return overlap(shift) >= SAME_PLACE
        if self._stayed:
            self._anchor = now
        return self._stayed


def overlap(shift: Shift) -> float:
    """Share of the field that two frames so far apart both show, 0 to 1."""
    return max(0.0, 1 - abs(shift.x)) * max(0.0, 1 - abs(shift.y))
