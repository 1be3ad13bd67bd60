"""Sources, sinks and records for the tests of a run, scripted and without sleeps."""

import threading
import weakref
from dataclasses import replace
from threading import Event, Thread

import numpy as np
from stand_ins import result_of

from leukoscope.errors import InputError
from leukoscope.runtime.choose.choice import Choice, MissedField, Quality
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.record import NoRecord
from leukoscope.runtime.sources.source import SourceEvent, SourceState, ignore_event
from leukoscope.runtime.stream import stream

PATIENCE_S = 20.0
"""Only a test that fails waits so long."""
QUALITY = Quality(1.0, None, None, 0.5, 0.2, 0.1)


def small_frame(index, name=None):
    return Frame(
        np.full((8, 10, 3), index % 251, np.uint8), "scripted", name or f"f_{index}", index
    )


_CELLS = result_of(replace(small_frame(0), pixels=np.full((8, 10, 3), 200, np.uint8)))


def judged(frame, cells=()):
    """A result without a network."""
    return Result(frame, {}, None, None, tuple(cells), _CELLS.vote, (), None)


class Fields:
    """A recorded source: as many frames, some of which cannot be read, or a failure in their midst."""

    rate_hz, live = None, False

    def __init__(self, total=10, unreadable=(), fail_at=None, error=None, wait_at=None):
        self.total, self._unreadable, self._fail_at = total, set(unreadable), fail_at
        self._error = error or InputError("the file is gone")
        self.given, self._stopped, self._lost = 0, Event(), 0
        self.alive = weakref.WeakValueDictionary()
        self.wait_at, self.reached, self.go_on = wait_at, Event(), Event()

    def frames(self, on_fault, on_event=ignore_event):
        on_event(SourceEvent(SourceState.LIVE, "scripted", 1))
        for index in range(self.total):
            if index == self.wait_at:
                self.reached.set()
                self.go_on.wait(PATIENCE_S)
            if self._stopped.is_set():
                break
            if index == self._fail_at:
                raise self._error
            if index in self._unreadable:
                self._lost += 1
                on_fault(InputError(f"field {index} is broken"))
                continue
            self.given += 1
            yield self._kept(small_frame(index))
        on_event(SourceEvent(SourceState.ENDED, "all read", 2))

    def _kept(self, frame):
        self.alive[frame.index] = frame.pixels
        return frame

    def stop(self):
        self._stopped.set()
        self.go_on.set()

    def drops(self):
        return {"unreadable": self._lost} if self._lost else {}


class LiveFields(Fields):
    """A camera: of frames that were not taken in time some are lost in the source itself."""

    live, total = True, None

    def __init__(self, count, late=(), **how):
        super().__init__(count, **how)
        self._count, self._late, self._dropped = count, set(late), {}
        self.total = None

    def frames(self, on_fault, on_event=ignore_event):
        for index in range(self._count):
            if index == self.wait_at:
                self.reached.set()
                self.go_on.wait(PATIENCE_S)
            if self._stopped.is_set():
                self._dropped["stopped"] = self._dropped.get("stopped", 0) + 1
                return
            if index == self._fail_at:
                raise self._error
            if index in self._late:
                self._dropped["late"] = self._dropped.get("late", 0) + 1
                continue
            self.given += 1
            yield self._kept(small_frame(index))

    def drops(self):
        return dict(self._dropped)


class Recorder:
    """A sink that keeps what happens to it; it fails at a frame's index, and waits while it is shut."""

    def __init__(self, fail_at=None, shut=False, error=None):
        self.events, self._fail_at, self._error = [], fail_at, error or InputError("disk full")
        self.let, self.begun = Event(), Event()
        if not shut:
            self.let.set()

    def __enter__(self):
        self.events.append("in")
        return self

    def __exit__(self, *error):
        self.events.append("out")

    def write(self, result):
        self.begun.set()
        assert self.let.wait(PATIENCE_S)
        if result.frame.index == self._fail_at:
            raise self._error
        self.events.append(result.frame.index)

    def skip(self, frame):
        self.events.append(f"skip {frame.index}")

    @property
    def fields(self):
        return [event for event in self.events if isinstance(event, int)]

    @property
    def closed(self):
        return self.events[0] == "in" and self.events[-1] == "out" and self.events.count("out") == 1


class Book(NoRecord):
    """A record in memory; it fails at a frame's index, or when counts are saved, and waits while it is shut."""

    def __init__(self, fail_at=None, shut=False, error=None, drops_error=None):
        self.fields, self.skipped, self.counts, self.events = [], [], {}, []
        self._fail_at, self._error = fail_at, error or InputError("journal: disk full")
        self._drops_error = drops_error
        self.let, self.begun, self.was_stopped = Event(), Event(), False
        if not shut:
            self.let.set()

    def write(self, result, drops):
        self.begun.set()
        assert self.let.wait(PATIENCE_S)
        if result.frame.index == self._fail_at:
            raise self._error
        self.fields.append(result.frame.index)
        self.counts.update(drops)
        return result

    def skip(self, frame):
        self.skipped.append((frame.choice.cause, frame.index))

    def drops(self, counts):
        if self._drops_error is not None:
            raise self._drops_error
        self.counts.update(counts)

    def event(self, event):
        self.events.append(event.state)

    def stop(self):
        self.was_stopped = True


class EveryNth:
    """A chooser that takes one of so many frames, and misses a stop now and then."""

    def __init__(self, take=3, miss=5):
        self._take, self._miss, self.threads, self.seen = take, miss, set(), []

    def __call__(self, frame):
        self.threads.add(threading.get_ident())
        self.seen.append(frame.index)
        missed = None
        if frame.index and frame.index % self._miss == 0:
            missed = MissedField(1, "empty", 2, frame.index - 1, 5, QUALITY)
        return Choice(None if frame.index % self._take == 0 else "moving", 1, QUALITY, missed)

    def close(self):
        return MissedField(2, "out_of_focus", 1, self.seen[-1], 6, QUALITY)


def in_time(work, seconds=PATIENCE_S):
    """What the work returns or raises, within that time, and that no thread outlives it."""
    before, came = set(threading.enumerate()), []

    def note():
        try:
            came.append((work(), None))
        except BaseException as error:
            came.append((None, error))

    thread = Thread(target=note, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "the run hangs"
    left = [one for one in threading.enumerate() if one not in before and one is not thread]
    # A driver that hangs is left behind, in a thread of its own (sources/connection.py).
    assert not [one for one in left if one.name != "camera"], left
    value, error = came[0]
    if error is not None:
        raise error
    return value


def run(source, pipeline=judged, sinks=(), **how):
    """`stream` in a thread of its own."""
    return in_time(lambda: stream(source, pipeline, list(sinks), **how))


def check_books(tally, fields):
    assert tally.fields == fields
    assert tally.captured == tally.fields + sum(tally.drops.values()), (tally.captured, tally.drops)
