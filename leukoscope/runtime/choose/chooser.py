"""Which frames become fields: all, one a stop of the stage, or those that the operator asks for.

chooser = open_chooser("latest", profile=open_profile("left-bench"))
for frame in frames:                   # in order, from one thread
    choice = chooser(frame)            # choice.taken, choice.cause, choice.missed
last = chooser.close()                 # the field that the last stop missed, or None
"""

from collections.abc import Callable
from typing import Protocol

from leukoscope.errors import UsageError
from leukoscope.runtime.choose.choice import Choice, MissedField
from leukoscope.runtime.choose.profile import Profile
from leukoscope.runtime.choose.quality import Inspected, Inspector
from leukoscope.runtime.choose.visit import Visit
from leukoscope.runtime.field import Frame

MODES: tuple[str, ...] = ("all", "latest", "trigger")
"""What `--frames` may be."""
PRESS_WAITS_S = 2.0
"""A press while the stage moves waits so long, by capture times, for it to stand; then it lapses."""


class Chooser(Protocol):
    """Called for every frame in order, from one thread."""

    def __call__(self, frame: Frame) -> Choice:
        """Whether `frame` becomes a field, and why not; never raises for what a frame shows."""
        ...

    def close(self) -> MissedField | None:
        """After the last frame: the field that was still open and is missed. Puts the best focus into the profile."""
        ...


def open_chooser(
    frames: str,
    *,
    profile: Profile | None = None,
    triggered: Callable[[], bool] | None = None,
    rate_hz: float | None = None,
) -> Chooser:
    """The chooser for `frames`, one of MODES.

    `profile` is the microscope's; whoever opened it saves it after `close`. `triggered` says once for each press
    of the key that it was pressed, and is needed for `trigger`. `rate_hz` is for a recording, whose frames are not
    read at the pace at which they were filmed: then `Frame.index` is the clock; for a camera it is None, and
    `Frame.captured_tick_ns` is. UsageError for another mode, and for `trigger` without `triggered`.
    """
    if frames == "all":
        return _TakeAll()
    if frames == "latest":
        return _OneAStop(_Eye(profile, rate_hz))
    if frames != "trigger":
        raise UsageError(f"--frames {frames[:40]!r}", wanted=" or ".join(MODES))
    if triggered is None:
        raise UsageError("--frames trigger has no key to listen to")
    return _OnPress(_Eye(profile, rate_hz), triggered)


class _Clock:
    """Seconds of capture, which never run back whatever a frame says."""

    def __init__(self, rate_hz: float | None) -> None:
        self._rate_hz = rate_hz if rate_hz is not None and rate_hz > 0 else None
        self._now_s = 0.0
        self._last: float | None = None

    def __call__(self, frame: Frame) -> float:
        rate = self._rate_hz
        at = frame.captured_tick_ns / 1e9 if rate is None else frame.index / rate
        self._now_s += max(0.0, at - self._last) if self._last is not None else 0.0
        self._last = at
        return self._now_s


class _Eye:
    """The clock and the inspector together."""

    def __init__(self, profile: Profile | None, rate_hz: float | None) -> None:
        self.inspector, self._clock = Inspector(profile), _Clock(rate_hz)

    def __call__(self, frame: Frame) -> tuple[Inspected, float]:
        at_s = self._clock(frame)
        return self.inspector(frame, at_s), at_s


class _TakeAll:
    """Every frame is a field; nothing is measured."""

    def __call__(self, frame: Frame) -> Choice:
        return Choice(None, None, None)

    def close(self) -> MissedField | None:
        return None


class _OneAStop:
    """A field a stop: the first frame there that is good and does not get better."""

    def __init__(self, eye: _Eye) -> None:
        self._eye = eye
        self._visit: Visit | None = None

    def __call__(self, frame: Frame) -> Choice:
        seen, at_s = self._eye(frame)
        missed = None
        if seen.standing.begins and seen.standing.stop is not None:
            missed = self._visit.missed() if self._visit is not None else None
            self._visit = Visit(seen.standing.stop)
        return Choice(self._cause(frame, seen, at_s), seen.standing.stop, seen.quality, missed)

    def _cause(self, frame: Frame, seen: Inspected, at_s: float) -> str | None:
        if seen.standing.stop is None or self._visit is None:
            return "moving"
        if self._visit.taken:
            return "same_stop"
        focusing = self._visit.is_focusing(seen.quality.sharpness, at_s)
        cause = seen.fault or ("out_of_focus" if focusing else None)
        if cause is None:
            self._visit.taken = True
            self._eye.inspector.stops.taken()
        else:
            self._visit.refuse(cause, frame, seen.quality)
        return cause

    def close(self) -> MissedField | None:
        self._eye.inspector.remember()
        visit, self._visit = self._visit, None
        return visit.missed() if visit is not None else None


class _OnPress:
    """A field a press: the next frame in which the stage stands, whatever its quality, unless it shows nothing."""

    def __init__(self, eye: _Eye, triggered: Callable[[], bool]) -> None:
        self._eye, self._triggered = eye, triggered
        self._pressed_at_s: float | None = None
        self._waiting: MissedField | None = None
        self._frames = 0

    def __call__(self, frame: Frame) -> Choice:
        seen, at_s = self._eye(frame)
        # A press that comes while another waits for the stage has its own turn after it.
        if self._pressed_at_s is None and self._triggered():
            self._pressed_at_s, self._frames, self._waiting = at_s, 0, None
        if self._pressed_at_s is None:
            return Choice("not_triggered", seen.standing.stop, seen.quality)
        return self._pressed(frame, seen, at_s - self._pressed_at_s)

    def _pressed(self, frame: Frame, seen: Inspected, waited_s: float) -> Choice:
        stop = seen.standing.stop
        cause = "moving" if stop is None else (seen.fault or "empty") if seen.blank else None
        if cause is None:
            self._pressed_at_s = self._waiting = None
            return Choice(None, stop, seen.quality)
        self._frames += 1
        self._waiting = MissedField(
            stop, cause, self._frames, frame.index, frame.captured_at_ns, seen.quality
        )
        lapsed = stop is not None or waited_s >= PRESS_WAITS_S
        return Choice(cause, stop, seen.quality, self._lapse() if lapsed else None)

    def _lapse(self) -> MissedField | None:
        waiting, self._waiting, self._pressed_at_s = self._waiting, None, None
        return waiting

    def close(self) -> MissedField | None:
        self._eye.inspector.remember()
        return self._lapse()
