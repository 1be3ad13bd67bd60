"""The first two threads of a run: one captures, one chooses which frames become fields and says how large they are."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from leukoscope.runtime.choose.choice import Choice, MissedField
from leukoscope.runtime.drops import KNOWN, OVERTAKEN, PAUSED, Drops
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.hand_over import HandOver
from leukoscope.runtime.in_order import InOrder
from leukoscope.runtime.pause import Pause
from leukoscope.runtime.sources.source import OnEvent, OnFault, Source

READ_AHEAD = 2
"""Frames of a file that wait to be looked at, and fields of a file that wait to be judged."""
NOTHING = np.zeros((1, 1, 1), np.uint8)
STOPS_AHEAD = 8
"""Chosen fields of a camera that wait; one more and the oldest is overtaken."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """A field on its way to the networks; numbers count from 0 without gaps."""

    number: int
    frame: Frame


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a numbered field, or of a stop of the stage that gave none."""

    frame: Frame
    result: Result | None = None
    """None for a stop that gave no field, and for a field that was overtaken."""
    skipped: bool = False
    """Whether it is a stop that gave no field; `frame.choice` says why."""
    error: BaseException | None = None


@dataclass(frozen=True)
class Rules:
    """What is asked of each frame before it becomes a field."""

    choose: Callable[[Frame], Choice] = lambda frame: Choice(None, None, None)
    last_missed: Callable[[], MissedField | None] = lambda: None
    """Asked after the last frame."""
    chosen_only: bool = False
    """Whether frames are chosen: a camera's chosen fields wait for their turn, others are overtaken by newer ones."""
    scale: Callable[[Frame], FieldScale] = lambda frame: frame.scale
    flags: Callable[[Frame], tuple[str, ...]] = lambda frame: ()
    known: Callable[[str, str], bool] = lambda source, name: False
    """Whether the journal has the field of this source and name."""
    pause: Pause = field(default_factory=Pause)
    """While it is on no frame is looked at: a camera's are dropped, a file's wait."""


class Intake:
    """Frames of `source` that `rules` take go to `tickets`; stops that gave no field go to `outcomes` in their place."""

    def __init__(
        self, source: Source, rules: Rules, outcomes: InOrder[Outcome], drops: Drops
    ) -> None:
        self._source, self._rules = source, rules
        self._outcomes, self._drops = outcomes, drops
        self._frames: HandOver[Frame] = HandOver(
            1 if source.live else READ_AHEAD, newest=source.live
        )
        waiting = STOPS_AHEAD if rules.chosen_only else 1
        self.tickets: HandOver[Ticket] = HandOver(
            waiting if source.live else READ_AHEAD, newest=source.live
        )
        self._numbers = 0
        self.stopped = threading.Event()

    def capture(self, on_fault: OnFault, on_event: OnEvent) -> None:
        """The first thread: frames as the source gives them."""
        try:
            for frame in self._source.frames(on_fault, on_event):
                self._drops.give()
                if self._frames.put(frame) is not None:
                    self._drops.add(OVERTAKEN)
        finally:
            self._frames.close()

    def choose(self) -> None:
        """The second thread: each frame is looked at, in order."""
        last = None
        try:
            for frame in self._frames:
                if self._is_paused():
                    self._drops.add(PAUSED)
                    continue
                self._look(frame)
                last = frame
            if last is not None:
                self._note_missed(self._rules.last_missed(), last)
        finally:  # where a rule fails, the fields before are finished
            self.tickets.close()
            self._outcomes.close(self._numbers)

    def stop(self) -> None:
        """No more frames are captured; those under way are finished."""
        self.stopped.set()
        self._source.stop()

    def abort(self) -> None:
        """Frees both threads."""
        self.stop()
        self._frames.abort()
        self.tickets.abort()

    def _is_paused(self) -> bool:
        """Whether the frame in hand is dropped for a pause.

        The chooser is not shown it: a stop that was not looked at is not a stop that was taken, or missed.
        """
        pause = self._rules.pause
        if self._source.live:
            return pause.on
        return not pause.wait(self.stopped.is_set)

    def _look(self, frame: Frame) -> None:
        # The chooser sees known frames too: a stop whose field is known is not given another one.
        choice = self._rules.choose(frame)
        self._note_missed(choice.missed, frame)
        if choice.cause is not None:
            self._drops.add(choice.cause)
            return
        if self._rules.known(frame.source, frame.name):
            self._drops.add(KNOWN)
            return
        seen = replace(frame, choice=choice, scale=self._rules.scale(frame))
        self._send(replace(seen, flags=self._rules.flags(seen)))

    def _send(self, frame: Frame) -> None:
        ticket = Ticket(self._number(), frame)
        gone = self.tickets.put(ticket)
        if gone is not None:
            self._drops.add(OVERTAKEN)
            self._outcomes.put(gone.number, Outcome(without_pixels(gone.frame)))

    def _note_missed(self, missed: MissedField | None, frame: Frame) -> None:
        """A stop without a field has a place in the order, so that it is told between the fields around it."""
        if missed is None:
            return
        stands_for_it = replace(
            without_pixels(frame),
            name=f"stop_{missed.index:06d}",
            index=missed.index,
            captured_at_ns=missed.captured_at_ns,
            choice=Choice(missed.cause, missed.stop, missed.quality),
        )
        self._outcomes.put(self._number(), Outcome(stands_for_it, skipped=True))

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers - 1


def without_pixels(frame: Frame) -> Frame:
    """The frame with its size and no memory: any number of those that gave no field may wait for the writer."""
    return replace(frame, pixels=np.broadcast_to(NOTHING, frame.pixels.shape))
