"""The journal while it is written: one transaction a field, on the disk before `write` returns.

`open_journal` gives a `Journal`; only what its `write` has returned for may be shown to anybody.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.album import Album
from leukoscope.runtime.journal.database import close_quietly, connect_to_read, make_place
from leukoscope.runtime.journal.faults import decoding, refusing
from leukoscope.runtime.journal.insert import INSERT_THUMBNAIL, insert_field
from leukoscope.runtime.journal.lock import WriterLock
from leukoscope.runtime.journal.notes import Notes
from leukoscope.runtime.journal.resume import PlacedField, placed_fields
from leukoscope.runtime.journal.rows import text
from leukoscope.runtime.journal.session import begin_session, end_session
from leukoscope.runtime.journal.small_pictures import insert_small
from leukoscope.runtime.journal.transactions import Transactions
from leukoscope.runtime.sources.source import SourceEvent

KEEP_PICTURES_BYTES = 256 << 20
"""Some thousands of fields (our choice)."""

FIND_FIELD = "SELECT id FROM fields WHERE scope = ? AND source = ? AND name = ?"


def open_journal(
    path: Path, about: SessionAbout, *, keep_pictures_bytes: int = KEEP_PICTURES_BYTES
) -> "Journal":
    """Opens the journal of a slide, or makes it, and begins a session in it. With a budget of 0 it keeps no picture at all.

    InputError for what is no journal of this version, another slide's or another bundle's, one that is being
    written, and a place that cannot be written or has no locks.
    """
    return Journal(path, about, keep_pictures_bytes)


class Journal:
    """One slide's results. `write`, `flush`, `resume` and `close` belong to one thread, the rest to any."""

    def __init__(self, path: Path, about: SessionAbout, keep_pictures_bytes: int) -> None:
        self._path = path
        self._notes, self._album = Notes(), Album(keep_pictures_bytes)
        self._small = keep_pictures_bytes > 0
        self._looking = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._closed = False
        with refusing(path, "written"):
            make_place(path)
            self._lock = WriterLock(path)
            try:
                self._transactions = Transactions(path)
                self._session = self._begin_session(about)
            except BaseException:
                self._lock.release()
                raise
        self._scope = self._session if about.live else 0

    def _begin_session(self, about: SessionAbout) -> int:
        try:
            with self._transactions.begin() as connection:
                session = begin_session(connection, self._path, about)
                self._album.trim(connection)
        except BaseException:
            self._transactions.close()
            raise
        return session

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        self.note(str(error) if isinstance(error, LeukoscopeError) else type(error).__name__)
        with suppress(LeukoscopeError):  # the first error says what happened
            self.close("stopped")

    @property
    def session(self) -> int:
        """This session's number in the journal, from 1."""
        return self._session

    def write(self, result: Result, thumbnail: bytes | None = None) -> int:
        """Commits a field with its cells, its maps and what else was noted since the last commit; returns its id.

        Ids grow by one in the order of writing. A field that is in the journal already (the same source and
        name; for a live source within the session) is not written again: its id is returned. After an
        InputError nothing of the field is in the journal, and `write` may be called again.
        """
        with refusing(self._path, "written"):
            frame, connection = result.frame, self._transactions.connection
            found = _find(connection, self._scope, frame.source, frame.name)
            if found is not None:
                return found
            with self._committing() as connection:
                field = insert_field(connection, self._session, self._scope, result)
                if thumbnail is not None:
                    connection.execute(INSERT_THUMBNAIL, (field, thumbnail))
                if self._small:
                    insert_small(connection, field, result)
                self._album.offer(connection, field, result)
            return field

    def flush(self) -> None:
        """Commits what was counted and noted since the last commit; without any, nothing happens."""
        if self._notes.waiting:
            with refusing(self._path, "written"), self._committing():
                pass

    def count_drops(self, counts: Mapping[str, int]) -> None:
        """The session's counts by cause so far, written with the next commit; repeating them changes nothing."""
        self._notes.count(counts)

    def note(self, event: SourceEvent | str) -> None:
        """A change of the source's state, or a line of ours; written with the next commit."""
        self._notes.add_event(event)

    def skip_stop(self, frame: Frame) -> None:
        """A stop of the stage that gave no field, with the frame that stands for it; written with the next commit."""
        self._notes.add_stop(self._session, self._scope, frame)

    def known(self, source: str, name: str) -> bool:
        """Whether this field is in the journal; never waits for a commit that is under way."""
        with self._looking, refusing(self._path, "read"):
            if self._reader is None:
                self._reader = connect_to_read(self._path)
            return _find(self._reader, self._scope, source, name) is not None

    def resume(self) -> Iterator[PlacedField]:
        """The placed fields of all sessions that are there now, in the order of their writing."""
        with decoding(self._path):
            yield from placed_fields(self._transactions.connection)

    def close(self, ending: str = "done") -> None:
        """Ends the session, `done` or `stopped`, and lets go of the file, once; the second time nothing happens.

        InputError where the ending cannot be written: the session will count as crashed, its fields are safe.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with refusing(self._path, "written"), self._committing() as connection:
                end_session(connection, self._session, ending)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        with self._looking:
            if self._reader is not None:
                close_quietly(self._reader)
        self._transactions.close()
        self._lock.release()

    @contextmanager
    def _committing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, with all that waits."""
        try:
            with self._transactions.begin() as connection:
                yield connection
                written = self._notes.write(connection, self._session)
        except BaseException:
            self._album.forget()
            raise
        self._notes.forget(written)


def _find(connection: sqlite3.Connection, scope: int, source: str, name: str) -> int | None:
    found = connection.execute(FIND_FIELD, (scope, text(source), text(name))).fetchone()
    return None if found is None else int(found[0])
