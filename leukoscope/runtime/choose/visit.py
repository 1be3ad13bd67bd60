"""What became of one stop of the stage: taken, or refused and why."""

from collections import Counter, deque

from leukoscope.runtime.choose.choice import MissedField, Quality
from leukoscope.runtime.field import Frame

FOCUSING_S = 0.2
"""While the sharpness rises over so long, somebody turns the focus, or the stage has hardly come to rest."""
RISE = 1.05
"""Rising: by more than a twentieth."""


class Visit:
    """One stop, frame by frame."""

    def __init__(self, stop: int) -> None:
        self.stop = stop
        self.taken = False
        self._causes: Counter[str] = Counter()
        self._last: dict[str, tuple[int, int, Quality]] = {}
        self._lately: deque[tuple[float, float]] = deque()

    def is_focusing(self, sharpness: float, at_s: float) -> bool:
        """Whether the frames of this stop still get sharper; the sharpest is worth the wait."""
        while self._lately and self._lately[0][0] < at_s - FOCUSING_S:
            self._lately.popleft()
        rising = any(sharpness > RISE * before for _, before in self._lately)
        self._lately.append((at_s, sharpness))
        return rising

    def refuse(self, cause: str, frame: Frame, quality: Quality) -> None:
        """A frame of this stop is not taken for what it shows."""
        self._causes[cause] += 1
        self._last.pop(cause, None)
        # Not the frame itself, whose pixels would be held.
        self._last[cause] = (frame.index, frame.captured_at_ns, quality)

    def missed(self) -> MissedField | None:
        """The field that the stop would have been; None where it was taken, or never looked at."""
        if self.taken or not self._causes:
            return None
        most = max(self._causes.values())
        cause = next(one for one in reversed(self._last) if self._causes[one] == most)
        return MissedField(self.stop, cause, self._causes.total(), *self._last[cause])
