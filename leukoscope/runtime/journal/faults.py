"""What SQLite and the disk say, as one line with the next step."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leukoscope.errors import InputError

NO_ROOM = "make room there and run the same command again; every field that was written is safe"
DAMAGED = "move it away, or save what can be read: sqlite3 FILE .recover"
BROKEN_ROW: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError),
    *(MemoryError, RecursionError, zlib.error),
)
"""What decoding a row raises where its bytes are not those that were written."""

STEPS: tuple[tuple[str, str, str], ...] = (
    ("disk is full", "the disk is full", NO_ROOM),
    ("disk i/o error", "the disk refuses it (full, worn or unplugged)", NO_ROOM),
    ("readonly", "it may only be read", "choose another place, or mend its permissions"),
    (
        "unable to open",
        "it cannot be opened",
        "look at the path, its permissions and the room on its disk",
    ),
    ("locked", "another program holds it", "close that program, or wait until it is done"),
    ("busy", "another program holds it", "close that program, or wait until it is done"),
    ("not a database", "it is no journal", "choose another file"),
)
"""Part of SQLite's message, in lower case; what was found; the next step. Python 3.10 has no error codes."""


@contextmanager
def refusing(path: Path, doing: str) -> Iterator[None]:
    """Turns each failure of the database or the disk into an InputError: `doing` is 'written' or 'read'.

    What only a fault of ours can raise stays what it is.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"journal {path} cannot be {doing}: {error.strerror or error}",
            next_step="choose another place, or mend its permissions",
        ) from None
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise _explained(path, doing, error) from None


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """`refusing` for what is read, with the rows' decoding: their bytes may be anything."""
    try:
        with refusing(path, "read"):
            yield
    except BROKEN_ROW:
        raise damaged(path) from None


def damaged(path: Path) -> InputError:
    """The file is a journal, and its content is not what was written."""
    return InputError(f"journal {path} is damaged", next_step=DAMAGED)


def _explained(path: Path, doing: str, error: sqlite3.Error) -> InputError:
    message = str(error).lower()
    for part, found, step in STEPS:
        if part in message:
            return InputError(f"journal {path} cannot be {doing}: {found}", next_step=step)
    return damaged(path)
