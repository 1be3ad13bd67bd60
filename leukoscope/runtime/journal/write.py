"""The journal while it is written: one transaction a field, on the disk before `write` returns.

with open_journal(path, about) as journal:
    for result in results:
        journal.write(result)   # committed and flushed; only now may anybody see it
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
from leukoscope.runtime.journal.database import close_quietly, connect_to_read, connect_to_write
from leukoscope.runtime.journal.faults import decoding, refusing
from leukoscope.runtime.journal.grids import maps_row
from leukoscope.runtime.journal.lock import WriterLock
from leukoscope.runtime.journal.notes import Notes
from leukoscope.runtime.journal.pictures import picture_of
from leukoscope.runtime.journal.resume import PlacedField, placed_fields
from leukoscope.runtime.journal.rows import (
    CELL_COLUMNS,
    FIELD_COLUMNS,
    cell_rows,
    field_row,
    insert,
    text,
)
from leukoscope.runtime.journal.session import begin_session, end_session
from leukoscope.runtime.journal.shelf import Claim, Shelf, kind_of, weight_of
from leukoscope.runtime.sources.source import SourceEvent

KEEP_PICTURES_BYTES = 256 << 20
"""Some thousands of fields (our choice)."""

INSERT_FIELD = insert("fields", FIELD_COLUMNS)
INSERT_CELL = insert("cells", CELL_COLUMNS)
INSERT_MAPS = "INSERT INTO maps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_THUMBNAIL = "INSERT INTO thumbnails VALUES (?, ?)"
INSERT_PICTURE = "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)"
DELETE_PICTURE = "DELETE FROM pictures WHERE field = ?"
PICTURES = "SELECT weight, -field, kind, size_bytes FROM pictures"
FIND_FIELD = "SELECT id FROM fields WHERE scope = ? AND source = ? AND name = ?"


def open_journal(
    path: Path, about: SessionAbout, *, keep_pictures_bytes: int = KEEP_PICTURES_BYTES
) -> "Journal":
    """Opens the journal of a slide, or makes it, and begins a session in it.

    InputError for what is no journal of this version, another slide's or another bundle's, one that is being
    written, and a place that cannot be written or has no locks.
    """
    return Journal(path, about, keep_pictures_bytes)


class Journal:
    """One slide's results. `write` is called from one thread, in order; the other methods from any."""

    def __init__(self, path: Path, about: SessionAbout, keep_pictures_bytes: int) -> None:
        self._path, self._about = path, about
        self._keep_pictures_bytes = keep_pictures_bytes
        self._notes = Notes()
        self._guard, self._looking = threading.Lock(), threading.Lock()
        self._broken, self._closed = False, False
        self._reader: sqlite3.Connection | None = None
        with refusing(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = WriterLock(path)
            try:
                self._connection = connect_to_write(path)
                self._begin()
            except BaseException:
                self._lock.release()
                raise

    def _begin(self) -> None:
        try:
            with self._transaction():
                self._session = begin_session(self._connection, self._path, self._about)
                self._drop_pictures(self._load_shelf().overflow())
            self._scope = self._session if self._about.live else 0
            self._shelf: Shelf | None = self._load_shelf()
        except BaseException:
            close_quietly(self._connection)
            raise

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
        with self._guard, refusing(self._path, "written"):
            self._mend()
            found = self._find(self._connection, result.frame.source, result.frame.name)
            if found is not None:
                return found
            with self._committing():
                return self._insert(result, thumbnail)

    def flush(self) -> None:
        """Commits what was counted and noted since the last commit; without any, nothing happens."""
        with self._guard, refusing(self._path, "written"):
            if self._notes.waiting:
                self._mend()
                with self._committing():
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
            return self._find(self._reader, source, name) is not None

    def resume(self) -> Iterator[PlacedField]:
        """The placed fields of all sessions that are there now, in order. From the thread that writes."""
        with decoding(self._path):
            yield from placed_fields(self._connection)

    def close(self, ending: str = "done") -> None:
        """Ends the session, `done` or `stopped`, and lets go of the file, once; the second time nothing happens."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._guard, refusing(self._path, "written"):
                self._mend()
                with self._committing():
                    end_session(self._connection, self._session, ending)
        finally:
            for connection in (self._reader, self._connection):
                if connection is not None:
                    close_quietly(connection)
            self._lock.release()

    def _insert(self, result: Result, thumbnail: bytes | None) -> int:
        execute = self._connection.execute
        row = field_row(self._session, self._scope, result)
        field = int(execute(INSERT_FIELD, row).lastrowid or 0)
        self._connection.executemany(INSERT_CELL, cell_rows(field, result))
        if (maps := maps_row(result)) is not None:
            execute(INSERT_MAPS, (field, *maps))
        if thumbnail is not None:
            execute(INSERT_THUMBNAIL, (field, thumbnail))
        self._keep_picture(field, result)
        return field

    def _keep_picture(self, field: int, result: Result) -> None:
        """Encodes only what will most likely stay; whoever goes for it goes in the same transaction."""
        if self._shelf is None:
            self._shelf = self._load_shelf()
        kind, weight = kind_of(result), weight_of(result)
        if not self._shelf.wants(kind, weight):
            return
        picture = picture_of(result)
        claim = Claim(weight, -field, kind, picture.size_bytes)
        self._shelf.put(claim)
        gone = self._shelf.overflow()
        if claim not in gone:
            row = (field, kind, weight, picture.size_bytes, picture.jpeg, picture.mask)
            self._connection.execute(INSERT_PICTURE, row)
        self._drop_pictures([one for one in gone if one != claim])

    def _drop_pictures(self, claims: list[Claim]) -> None:
        self._connection.executemany(DELETE_PICTURE, [(claim.field,) for claim in claims])

    def _load_shelf(self) -> Shelf:
        rows = self._connection.execute(PICTURES)
        return Shelf(self._keep_pictures_bytes, (Claim(*row) for row in rows))

    def _find(self, connection: sqlite3.Connection, source: str, name: str) -> int | None:
        found = connection.execute(FIND_FIELD, (self._scope, text(source), text(name))).fetchone()
        return None if found is None else int(found[0])

    @contextmanager
    def _committing(self) -> Iterator[None]:
        """One transaction with all that waits; the shelf is read anew after one that failed."""
        try:
            with self._transaction():
                yield
                written = self._notes.write(self._connection, self._session)
        except BaseException:
            self._shelf = None
            raise
        self._notes.forget(written)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _mend(self) -> None:
        if self._broken:
            close_quietly(self._connection)
            self._connection = connect_to_write(self._path)
            self._broken = False

    def _roll_back(self) -> None:
        """Back to the last commit; a connection that cannot even do that is replaced before the next one."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._broken = True
