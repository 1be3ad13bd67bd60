"""A connection that survives a transaction that failed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leukoscope.runtime.journal.database import close_quietly, connect_to_write


class Transactions:
    """The one writing connection of a journal, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect_to_write(path)
        self._broken = False

    @property
    def connection(self) -> sqlite3.Connection:
        """Another one after a failure that could not be rolled back. Raises as `connect_to_write` does."""
        if self._broken:
            close_quietly(self._connection)
            self._connection = connect_to_write(self._path)
            self._broken = False
        return self._connection

    @contextmanager
    def begin(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside is on the disk when it is left, or, where it is left by an error, nothing."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def close(self) -> None:
        """Moves the log into the file, even while somebody reads; where that fails, the next to open it does."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        close_quietly(self._connection)

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._broken = True
