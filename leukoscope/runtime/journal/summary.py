"""What is in a journal, in figures."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

STAGES = "SELECT stage, flags = '[]', count(*) FROM fields GROUP BY 1, 2 ORDER BY 1, 2"
CELLS = "SELECT type, count(*) FROM slide_cells GROUP BY type ORDER BY 2 DESC, 1"
SEEN = "SELECT count(*) FROM cells"
DROPS = """SELECT cause, sum(most) FROM (
    SELECT cause, max(count) AS most FROM drops JOIN sessions ON sessions.id = drops.session
    WHERE cause <> 'known' GROUP BY cause, CASE WHEN live THEN session ELSE source END
) GROUP BY cause ORDER BY cause"""
"""A run again through the same file drops the same frames again: they count once. A camera's never come twice.
What was `known` is a field of an earlier session."""
SESSION_DROPS = "SELECT session, cause, count FROM drops ORDER BY session, cause"
SKIPPED = "SELECT cause, count(*) FROM skipped_stops GROUP BY cause ORDER BY cause"
SESSIONS = """SELECT id, source, live, bundle_sha256, settings, device, version, stages, cell_types, models,
    began_wall_ns, began_tick_ns, ended_tick_ns, ending,
    (SELECT count(*) FROM fields WHERE fields.session = sessions.id) FROM sessions ORDER BY id"""


@dataclass(frozen=True)
class StageCount:
    """Fields that were judged to be of one stage."""

    unflagged: int
    flagged: int


@dataclass(frozen=True)
class Session:
    """One run."""

    id: int
    source: str
    live: bool
    bundle_sha256: str
    settings: Mapping[str, Any]
    device: str
    version: str
    """Of leukoscope."""
    stages: tuple[str, ...]
    cell_types: tuple[str, ...]
    models: Mapping[str, Any]
    """What judged: see `docs/journal.md`."""
    began_wall_ns: int
    began_tick_ns: int
    """By the clock of the captures and events of this session."""
    seconds: float | None
    """How long it took, by the monotonic clock; None where it has no end."""
    ending: str
    """`done`, `stopped`, `crashed`, or `running`."""
    fields: int
    """Written in this session."""
    drops: Mapping[str, int]
    """This session's frames that became no field of it, by cause; `known` are those that were fields already."""


@dataclass(frozen=True)
class Summary:
    """All sessions of a slide together."""

    slide: str
    """As the operator typed it; empty where nobody did."""
    made_wall_ns: int
    fields: int
    stages: Mapping[str, StageCount]
    cells: Mapping[str, int]
    """Each cell of the slide once, by type, the most frequent first."""
    cells_seen: int
    """Each cell as often as a field showed it."""
    drops: Mapping[str, int]
    """Frames that became no field, by cause."""
    skipped_stops: Mapping[str, int]
    """Stops of the stage that gave no field, by cause."""
    sessions: tuple[Session, ...]

    @property
    def crashed(self) -> bool:
        """Whether the last session came to no end."""
        return bool(self.sessions) and self.sessions[-1].ending == "crashed"


def summarise(connection: sqlite3.Connection, is_written: Callable[[], bool]) -> Summary:
    """Of one state of the journal, however much is written meanwhile; `is_written` says whether somebody writes.

    Raises sqlite3.Error, and `faults.BROKEN_ROW` for rows that are not ours.
    """
    # Asked before and after: a run that ends or begins between is not taken for one that crashed.
    before = is_written()
    with one_state(connection):
        return _summary(connection, before or is_written())


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read inside is of one moment, however much is written meanwhile. May be nested."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT count(*) FROM journal").fetchone()  # from here on it stands
        yield
    finally:
        connection.execute("ROLLBACK")


def _summary(connection: sqlite3.Connection, running: bool) -> Summary:
    slide, made_wall_ns = connection.execute("SELECT slide, made_wall_ns FROM journal").fetchone()
    drops: dict[int, dict[str, int]] = {}
    for session, cause, count in connection.execute(SESSION_DROPS):
        drops.setdefault(session, {})[str(cause)] = int(count)
    rows = connection.execute(SESSIONS).fetchall()
    sessions = tuple(_session(row, running, drops.get(row[0], {})) for row in rows)
    return Summary(
        str(slide),
        int(made_wall_ns),
        sum(session.fields for session in sessions),
        _stages(connection),
        _counts(connection, CELLS),
        int(connection.execute(SEEN).fetchone()[0]),
        _counts(connection, DROPS),
        _counts(connection, SKIPPED),
        sessions,
    )


def _session(row: tuple[Any, ...], running: bool, drops: Mapping[str, int]) -> Session:
    """A session without an end has crashed unless somebody writes: he marks those before his own."""
    number, source, live, digest, settings, device, version, *rest, fields = row
    stages, types, models, *times = rest
    began_wall_ns, began_tick_ns, ended_tick_ns, ending = times
    return Session(
        int(number),
        str(source),
        bool(live),
        str(digest),
        dict(json.loads(settings)),
        str(device),
        str(version),
        tuple(str(name) for name in json.loads(stages)),
        tuple(str(name) for name in json.loads(types)),
        dict(json.loads(models)),
        int(began_wall_ns),
        int(began_tick_ns),
        None if ended_tick_ns is None else (ended_tick_ns - began_tick_ns) / 1e9,
        str(ending or ("running" if running else "crashed")),
        int(fields),
        drops,
    )


def _stages(connection: sqlite3.Connection) -> dict[str, StageCount]:
    found: dict[str, StageCount] = {}
    for stage, unflagged, count in connection.execute(STAGES):
        if stage is None:
            continue
        before = found.get(str(stage), StageCount(0, 0))
        found[str(stage)] = (
            StageCount(before.unflagged + count, before.flagged)
            if unflagged
            else StageCount(before.unflagged, before.flagged + count)
        )
    return found


def _counts(connection: sqlite3.Connection, statement: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.execute(statement)}
