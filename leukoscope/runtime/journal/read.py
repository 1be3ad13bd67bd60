"""The journal for those who only read: the report, the viewer. It may be written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from leukoscope.runtime.journal.database import close_quietly, connect_to_read
from leukoscope.runtime.journal.faults import decoding
from leukoscope.runtime.journal.grids import StoredMaps, read_maps
from leukoscope.runtime.journal.lock import is_being_written
from leukoscope.runtime.journal.pictures import Picture
from leukoscope.runtime.journal.records import (
    CellRow,
    EventRow,
    FieldRow,
    StopRow,
    cell_rows,
    event_rows,
    field_rows,
    stop_rows,
)
from leukoscope.runtime.journal.reviews import Review, Subject, review_rows, standing
from leukoscope.runtime.journal.summary import Summary, one_state, summarise
from leukoscope.runtime.journal.values import blob

MAPS = """SELECT network, method, classes, rows, columns, steps, grid, even_shares, placement
FROM maps WHERE field = ?"""
PICTURE = "SELECT jpeg, mask FROM pictures WHERE field = ?"
THUMBNAIL = "SELECT picture FROM thumbnails WHERE field = ?"
VIEW = "SELECT jpeg FROM views WHERE field = ?"
CROP = "SELECT jpeg FROM crops WHERE field = ? AND cell = ?"
ALL_FIELDS = (0, 2**63 - 1)


def read_journal(path: Path) -> "JournalReader":
    """Opens a journal to read. InputError for what is no journal of this version, or is damaged."""
    return JournalReader(path)


class JournalReader:
    """Each question sees what was committed when it was asked. For one thread. InputError where the file is damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with decoding(path):
            self._connection = connect_to_read(path)

    def __enter__(self) -> "JournalReader":
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
        close_quietly(self._connection)

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """All questions asked inside see the journal of one moment."""
        with decoding(self._path), one_state(self._connection):
            yield

    def summary(self) -> Summary:
        """The whole journal in figures; a walk over all its cells."""
        with decoding(self._path):
            return summarise(self._connection, lambda: is_being_written(self._path))

    def fields(self, after: int = 0, limit: int | None = None) -> Iterator[FieldRow]:
        """Fields whose id is greater than `after`, in order of id, `limit` at most."""
        with decoding(self._path):
            yield from field_rows(self._connection, after, limit)

    def field(self, field: int) -> FieldRow | None:
        """None where there is none."""
        found = next(self.fields(field - 1, 1), None)
        return found if found is not None and found.id == field else None

    def cells(self, field: int | None = None) -> tuple[CellRow, ...]:
        """Of one field, or of all: each as often as a field shows it."""
        first, last = ALL_FIELDS if field is None else (field, field)
        with decoding(self._path):
            return tuple(cell_rows(self._connection, first, last))

    def events(self) -> tuple[EventRow, ...]:
        """In order."""
        with decoding(self._path):
            return tuple(event_rows(self._connection))

    def skipped_stops(self) -> tuple[StopRow, ...]:
        """In order."""
        with decoding(self._path):
            return tuple(stop_rows(self._connection))

    def reviews(self) -> tuple[Review, ...]:
        """All that was ever said, in order."""
        with decoding(self._path):
            return tuple(review_rows(self._connection))

    def standing_reviews(self) -> dict[Subject, Review]:
        """What holds now, by field and cell."""
        return standing(self.reviews())

    def maps(self, field: int) -> StoredMaps | None:
        """The field's maps of all classes; None where it has none."""
        with decoding(self._path):
            row = self._row(MAPS, field)
            return None if row is None else read_maps(row)

    def picture(self, field: int) -> Picture | None:
        """The field's JPEG and its mask; None where they were not kept."""
        with decoding(self._path):
            row = self._row(PICTURE, field)
            return (
                None
                if row is None
                else Picture(blob(row[0]), None if row[1] is None else blob(row[1]))
            )

    def thumbnail(self, field: int) -> bytes | None:
        """What `Journal.write` was given with the field."""
        return self._file(THUMBNAIL, field)

    def view(self, field: int) -> bytes | None:
        """The field as a small JPEG; None where none was kept."""
        return self._file(VIEW, field)

    def crop(self, field: int, cell: int) -> bytes | None:
        """A new cell as a small JPEG; None where none was kept, and of a cell that was seen before."""
        return self._file(CROP, field, cell)

    def _file(self, statement: str, *key: int) -> bytes | None:
        with decoding(self._path):
            row = self._row(statement, *key)
            return None if row is None else blob(row[0])

    def _row(self, statement: str, *key: int) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, key).fetchone()
        return found
