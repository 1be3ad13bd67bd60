"""Opening a journal's file: what SQLite must promise, and that the file is a journal of this version."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from leukoscope.errors import InputError
from leukoscope.runtime.journal.faults import DAMAGED
from leukoscope.runtime.journal.lock import beside
from leukoscope.runtime.journal.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

WAIT_S = 5.0
"""How long another program (a shell, a backup) may hold the file before we give up."""
WAL_KEEP_BYTES = 16 << 20
"""To what the write-ahead log is cut after a checkpoint."""

GUARDS: tuple[str, ...] = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)
DURABLE: tuple[str, ...] = (
    "PRAGMA synchronous = FULL",
    f"PRAGMA journal_size_limit = {WAL_KEEP_BYTES}",
)


def make_place(path: Path) -> None:
    """The folder that a journal will be in. Raises OSError, InputError where a folder has the journal's own name."""
    if path.is_dir():
        raise InputError(
            f"{path} is a folder", wanted="a file", next_step=f"name one: {path / 'slide.db'}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)


def connect_to_write(path: Path) -> sqlite3.Connection:
    """A connection in WAL mode to a journal, or to a new file that has no tables yet.

    Raises InputError for what is no journal of this version, sqlite3.Error and OSError for the rest.
    """
    connection = _connect(path, "rwc")
    try:
        if not _is_empty(connection):
            check_identity(connection, path)
        _set_up(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A read-only connection to a journal, which may be being written. Raises as `connect_to_write` does."""
    if not path.is_file():
        raise InputError(f"no journal at {path}", next_step="look at the path")
    try:
        connection = _connect_checked(path, "ro")
    except sqlite3.OperationalError:
        # In a folder that may only be read SQLite cannot make its shared memory; without a log there is nothing to share.
        log = beside(path, "-wal")
        if log.exists() and log.stat().st_size > 0:
            raise
        connection = _connect_checked(path, "ro&immutable=1")
    return connection


def create_tables(connection: sqlite3.Connection) -> None:
    """Within the caller's transaction: the whole schema, or none of it."""
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def is_new(connection: sqlite3.Connection) -> bool:
    """Whether the tables are still to be made."""
    return _pragma(connection, "application_id") == 0


def check_identity(connection: sqlite3.Connection, path: Path) -> None:
    """Refuses what is no journal, another version, and other tables than ours (a trigger would be code)."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise InputError(
            f"{path} is not a journal of leukoscope", next_step="choose another file, or a new one"
        )
    version = _pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        raise InputError(
            f"journal {path} has schema {version}",
            wanted=f"schema {SCHEMA_VERSION}",
            next_step="use the version of leukoscope that wrote it, or choose a new file",
        )
    if _tables(connection) != set(TABLES):
        raise InputError(f"journal {path} has other tables than its schema", next_step=DAMAGED)


def _connect_checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        check_identity(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Transactions are opened by hand; the owner sees to it that one thread at a time is in."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        timeout=WAIT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for statement in GUARDS:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    """WAL is kept in the file, the rest in the connection."""
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise InputError(
            f"the file system of {path} has no shared memory for a write-ahead log",
            next_step="keep the journal on a disk of this machine",
        )
    for statement in DURABLE:
        connection.execute(statement)


def _is_empty(connection: sqlite3.Connection) -> bool:
    """A file that a run made and did not come to fill, or one of zero bytes."""
    marks = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    return marks == (0, 0) and not _tables(connection)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _tables(connection: sqlite3.Connection) -> set[str]:
    """The statements that made what is in the file; indexes that SQLite makes itself have none."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {str(row[0]) for row in rows}


def close_quietly(connection: sqlite3.Connection) -> None:
    """For a connection that has failed already."""
    with suppress(sqlite3.Error):
        connection.close()
