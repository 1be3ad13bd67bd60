"""The journal for those who only read: the report, the viewer. It may be written meanwhile."""

from pathlib import Path
from types import TracebackType
from typing import Any

from leukoscope.runtime.journal.database import close_quietly, connect_to_read
from leukoscope.runtime.journal.faults import decoding
from leukoscope.runtime.journal.grids import StoredMaps, read_maps
from leukoscope.runtime.journal.lock import is_being_written
from leukoscope.runtime.journal.pictures import Picture
from leukoscope.runtime.journal.summary import Summary, summarise

MAPS = """SELECT network, method, classes, rows, columns, steps, grid, even_shares, placement
FROM maps WHERE field = ?"""
PICTURE = "SELECT jpeg, mask FROM pictures WHERE field = ?"
THUMBNAIL = "SELECT picture FROM thumbnails WHERE field = ?"


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

    def summary(self) -> Summary:
        """The whole journal in figures; a walk over all its cells."""
        with decoding(self._path):
            return summarise(self._connection, lambda: is_being_written(self._path))

    def maps(self, field: int) -> StoredMaps | None:
        """The field's maps of all classes; None where it has none."""
        with decoding(self._path):
            row = self._row(MAPS, field)
            return None if row is None else read_maps(row)

    def picture(self, field: int) -> Picture | None:
        """The field's JPEG and its mask; None where they were not kept."""
        with decoding(self._path):
            row = self._row(PICTURE, field)
            return None if row is None else Picture(_bytes(row[0]), _bytes_or_none(row[1]))

    def thumbnail(self, field: int) -> bytes | None:
        """What `Journal.write` was given with the field."""
        with decoding(self._path):
            row = self._row(THUMBNAIL, field)
            return None if row is None else _bytes(row[0])

    def _row(self, statement: str, field: int) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, (field,)).fetchone()
        return found


def _bytes(value: object) -> bytes:
    """TypeError where a column holds something else than we wrote."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} where a file should be")
    return value


def _bytes_or_none(value: object) -> bytes | None:
    return None if value is None else _bytes(value)
