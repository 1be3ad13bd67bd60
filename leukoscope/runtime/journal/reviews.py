"""What people say of fields and cells, beside what the machine said: rows are added, none is ever changed."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from leukoscope.errors import InputError
from leukoscope.runtime.journal.database import close_quietly, connect_to_read
from leukoscope.runtime.journal.faults import decoding, refusing
from leukoscope.runtime.journal.rows import insert, text
from leukoscope.runtime.journal.transactions import Transactions
from leukoscope.runtime.journal.values import names, whole, whole_or_none, words, words_or_none

TYPE, STAGE, ACCEPT, REJECT, WITHDRAW = "type", "stage", "accept", "reject", "withdraw"
OF_A_CELL, OF_A_FIELD = (TYPE, ACCEPT, REJECT, WITHDRAW), (STAGE, ACCEPT, REJECT, WITHDRAW)
MAX_REVIEWER_CHARACTERS = 12
"""Initials, or a short sign (our choice)."""

COLUMNS = ("at_wall_ns", "reviewer", "field", "cell", "verdict", "value")
INSERT_REVIEW = insert("reviews", COLUMNS)
REVIEWS = f"SELECT id, {', '.join(COLUMNS)} FROM reviews ORDER BY id"
CLASSES = """SELECT stages, cell_types, stage FROM fields JOIN sessions ON sessions.id = session
WHERE fields.id = ?"""
HAS_CELL = "SELECT 1 FROM cells WHERE field = ? AND cell = ?"

Subject = tuple[int, int | None]
"""Field, and cell of it; None is the field itself."""


@dataclass(frozen=True)
class Review:
    """One answer of one person."""

    id: int
    at_wall_ns: int
    reviewer: str
    field: int
    cell: int | None
    """None: the field itself is meant."""
    verdict: str
    """Of a cell `type`, of a field `stage`, of both `accept` (the machine is right), `reject` (it counts nowhere),
    `withdraw` (as if nobody had said anything)."""
    value: str | None
    """The type or the stage; None with the other verdicts."""

    @property
    def subject(self) -> Subject:
        """What is answered."""
        return self.field, self.cell


def standing(reviews: Iterable[Review]) -> dict[Subject, Review]:
    """Of each subject what was said last, in the order of `reviews`; what was withdrawn is not there."""
    last = {review.subject: review for review in reviews}
    return {subject: one for subject, one in last.items() if one.verdict != WITHDRAW}


def review_rows(connection: sqlite3.Connection) -> Iterator[Review]:
    """All, in the order in which they were said."""
    for row in connection.execute(REVIEWS).fetchall():
        number, at, reviewer, field, cell, verdict, value = row
        yield Review(
            whole(number),
            whole(at),
            words(reviewer),
            whole(field),
            whole_or_none(cell),
            words(verdict),
            words_or_none(value),
        )


class ReviewBook:
    """Adds reviews to a journal, also while a run writes it; any thread may call."""

    def __init__(self, path: Path) -> None:
        """InputError for what is no journal of this version."""
        self._path = path
        self._lock = threading.Lock()
        with decoding(path):
            close_quietly(connect_to_read(path))  # never makes a file
            self._transactions = Transactions(path)

    def __enter__(self) -> "ReviewBook":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._transactions.close()

    def add(
        self,
        *,
        reviewer: str,
        field: int,
        cell: int | None,
        verdict: str,
        value: str | None = None,
    ) -> Review:
        """The review as it was written; it is on the disk. InputError where it does not fit what is in the journal."""
        _check_reviewer(reviewer)
        with self._lock, refusing(self._path, "written"), self._transactions.begin() as connection:
            with decoding(self._path):
                _check_fits(connection, (field, cell), verdict, value)
            at = time.time_ns()
            row: tuple[Any, ...] = (at, text(reviewer), field, cell, verdict, value)
            number = int(connection.execute(INSERT_REVIEW, row).lastrowid or 0)
        return Review(number, at, text(reviewer), field, cell, verdict, value)


def _check_reviewer(reviewer: str) -> None:
    if not 1 <= len(reviewer.strip()) <= len(reviewer) <= MAX_REVIEWER_CHARACTERS or not (
        reviewer.isprintable()
    ):
        raise InputError(
            f"the reviewer {reviewer[:40]!r} does not do",
            wanted=f"initials: 1 to {MAX_REVIEWER_CHARACTERS} characters",
        )


def _check_fits(
    connection: sqlite3.Connection, subject: Subject, verdict: str, value: str | None
) -> None:
    field, cell = subject
    classes = connection.execute(CLASSES, (field,)).fetchone()
    if classes is None:
        raise InputError(f"field {field} is not in the journal")
    if cell is not None and connection.execute(HAS_CELL, (field, cell)).fetchone() is None:
        raise InputError(f"cell {cell} of field {field} is not in the journal")
    known = OF_A_FIELD if cell is None else OF_A_CELL
    if verdict not in known:
        raise InputError(f"verdict {verdict[:40]!r}", wanted=f"one of {', '.join(known)}")
    if cell is None and verdict == ACCEPT and classes[2] is None:
        raise InputError(f"field {field} has no stage that could be accepted", wanted="a stage")
    _check_value(verdict, value, {STAGE: names(classes[0]), TYPE: names(classes[1])})


def _check_value(verdict: str, value: str | None, choices: Mapping[str, tuple[str, ...]]) -> None:
    if verdict not in choices:
        if value is not None:
            raise InputError(f"{verdict} with the value {value[:40]!r}", wanted="no value")
    elif value not in choices[verdict]:
        wanted = f"one of {', '.join(choices[verdict])}"
        raise InputError(f"{verdict} {str(value)[:40]!r}", wanted=wanted)
