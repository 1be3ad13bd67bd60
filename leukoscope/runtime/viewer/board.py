"""What is known of the run just now: written by the run's threads, which never wait for those who read it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from leukoscope.runtime.field import Result
from leukoscope.runtime.sources.source import SourceEvent, SourceState
from leukoscope.runtime.tally import Tally
from leukoscope.runtime.viewer.kept import KeptField, Shelf
from leukoscope.runtime.viewer.news import News

AGES = 50
"""Fields whose frame age is summed up: the last minutes at a microscope (our choice)."""

Books = Callable[[], tuple[int, Mapping[str, int]]]
"""Frames captured, and those that became no field, by cause."""


class RunState(Enum):
    """Where a run stands; a pause is asked of `Pause`."""

    RUNNING = "running"
    ENDING = "ending"
    ENDED = "ended"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether no field comes any more."""
        return self in (RunState.ENDED, RunState.FAILED)


@dataclass(frozen=True)
class RunAbout:
    """What does not change while a run lasts."""

    slide: str
    source: str
    """Without credentials."""
    live: bool
    journal: bool


@dataclass(frozen=True)
class Ages:
    """Frame ages of the last `n` fields, milliseconds; None without any."""

    median_ms: float | None
    p95_ms: float | None
    n: int


@dataclass(frozen=True)
class Counts:
    """A copy of the run's counts."""

    fields: int
    stages: Mapping[str, int]
    cells: Mapping[str, int]
    flags: Mapping[str, int]
    white_cells: int
    heading: str


class Board:
    """One run. Every method is for any thread, and holds the lock for as long as it takes to count a field."""

    def __init__(self, about: RunAbout) -> None:
        self.about, self.news = about, News()
        self._lock = threading.Lock()
        self._shelf, self._tally = Shelf(), Tally()
        self._ages: deque[float] = deque(maxlen=AGES)
        self._state = RunState.RUNNING
        self._message: str | None = None
        self._source = SourceEvent(SourceState.CONNECTING, about.source, time.monotonic_ns())
        self.books: Books = lambda: (0, {})

    def show(self, result: Result) -> None:
        """The newest field."""
        with self._lock:
            self._tally.add(result)
            self._ages.append(result.frame_age_ms)
            self._shelf.add(result, time.monotonic_ns())
        self.news.tell()

    def hear(self, event: SourceEvent) -> None:
        """The source has changed its state."""
        self._source = event
        self.news.tell()

    def move_to(self, state: RunState, message: str | None = None) -> None:
        """The run stands elsewhere; what is over stays over."""
        with self._lock:
            if self._state.is_over:
                return
            self._state, self._message = state, message
        self.news.tell()

    @property
    def state(self) -> RunState:
        """Where the run stands."""
        return self._state

    @property
    def message(self) -> str | None:
        """Why it failed, in a line."""
        return self._message

    @property
    def source(self) -> SourceEvent:
        """The source's last change."""
        return self._source

    @property
    def newest(self) -> KeptField | None:
        """None before the first field."""
        with self._lock:
            return self._shelf.newest

    def field(self, number: int) -> KeptField | None:
        """None of one that is gone, or has not come."""
        with self._lock:
            return self._shelf.get(number)

    @property
    def kept(self) -> frozenset[int]:
        """Numbers of the fields that can be looked at."""
        with self._lock:
            return self._shelf.numbers

    def counts(self) -> Counts:
        """Of the fields shown so far."""
        with self._lock:
            tally = self._tally
            return Counts(
                tally.fields,
                dict(tally.stages),
                dict(+tally.cells),
                dict(tally.flags),
                tally.white_cells,
                tally.differential.heading,
            )

    def ages(self) -> Ages:
        """Of the last AGES fields."""
        with self._lock:
            known = [*self._ages]
        if not known:
            return Ages(None, None, 0)
        return Ages(float(np.median(known)), float(np.quantile(known, 0.95)), len(known))
