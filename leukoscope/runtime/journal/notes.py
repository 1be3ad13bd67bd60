"""What waits for the next commit: counts, events, skipped stops. Added from any thread."""

import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from leukoscope.runtime.field import Frame
from leukoscope.runtime.journal.rows import STOP_COLUMNS, Row, insert, stop_row, text
from leukoscope.runtime.sources.source import SourceEvent

PUT_DROPS = """INSERT INTO drops VALUES (?, ?, ?)
ON CONFLICT (session, cause) DO UPDATE SET count = max(count, excluded.count)"""
INSERT_EVENT = insert("events", ("session", "at_wall_ns", "at_tick_ns", "state", "detail"))
INSERT_STOP = insert("skipped_stops", STOP_COLUMNS, "OR IGNORE")


@dataclass(frozen=True)
class Written:
    """What went into a transaction, to be forgotten once that is committed."""

    drops: Mapping[str, int]
    events: int
    stops: int


class Notes:
    """Kept until a commit has them: a full disk loses none."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._drops: dict[str, int] = {}
        self._counted: dict[str, int] = {}
        self._events: list[Row] = []
        self._stops: list[Row] = []

    @property
    def waiting(self) -> bool:
        """Whether there is anything to write."""
        with self._guard:
            return bool(self._changed() or self._events or self._stops)

    def count(self, counts: Mapping[str, int]) -> None:
        """Absolute counts by cause; a count never falls. ValueError for a negative one."""
        if any(count < 0 for count in counts.values()):
            raise ValueError(f"negative counts: {dict(counts)}")
        with self._guard:
            for cause, count in counts.items():
                self._drops[cause] = max(int(count), self._drops.get(cause, 0))

    def add_event(self, event: SourceEvent | str) -> None:
        """A source's event at its own moment, a line of ours at this one."""
        tick, wall = time.monotonic_ns(), time.time_ns()
        row: Row = (wall, tick, None, text(event)) if isinstance(event, str) else ()
        if isinstance(event, SourceEvent):
            at = event.at_tick_ns
            row = (wall - (tick - at), at, event.state.value, text(event.detail))
        with self._guard:
            self._events.append(row)

    def add_stop(self, session: int, scope: int, frame: Frame) -> None:
        """A stop without a field; the frame's pixels are not kept."""
        row = stop_row(session, scope, frame)
        with self._guard:
            self._stops.append(row)

    def write(self, connection: sqlite3.Connection, session: int) -> Written:
        """Within the caller's transaction."""
        with self._guard:
            drops, events, stops = self._changed(), self._events[:], self._stops[:]
        connection.executemany(PUT_DROPS, [(session, *drop) for drop in drops.items()])
        connection.executemany(INSERT_EVENT, [(session, *event) for event in events])
        connection.executemany(INSERT_STOP, stops)
        return Written(drops, len(events), len(stops))

    def forget(self, written: Written) -> None:
        """It is committed."""
        with self._guard:
            self._counted.update(written.drops)
            del self._events[: written.events]
            del self._stops[: written.stops]

    def _changed(self) -> dict[str, int]:
        return {
            cause: count
            for cause, count in self._drops.items()
            if count != self._counted.get(cause)
        }
