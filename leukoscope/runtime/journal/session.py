"""The rows of a session: its beginning and its end."""

import json
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from leukoscope import __version__
from leukoscope.errors import InputError
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.database import create_tables, is_new
from leukoscope.runtime.journal.rows import insert, text
from leukoscope.runtime.sources.redact import redact

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the machine: monotonic clocks of two boots have nothing in common."""

COLUMNS = (
    *("source", "live", "bundle_sha256", "settings", "device", "version"),
    *("stages", "cell_types", "models", "boot", "began_wall_ns", "began_tick_ns"),
)
INSERT_SESSION = insert("sessions", COLUMNS)
MARK_CRASHED = "UPDATE sessions SET ending = 'crashed' WHERE ending IS NULL"
END = "UPDATE sessions SET ended_wall_ns = ?, ended_tick_ns = ?, ending = ? WHERE id = ?"


def begin_session(connection: sqlite3.Connection, path: Path, about: SessionAbout) -> int:
    """Within the caller's transaction: the tables where they are new, the session's row; returns its number.

    A session that never ended is marked `crashed`. InputError where the journal is another slide's or bundle's.
    """
    if is_new(connection):
        create_tables(connection)
        row = (1, about.slide, time.time_ns(), f"leukoscope {__version__}")
        connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
    else:
        _check_slide(connection, path, about.slide)
        _check_bundle(connection, path, about.bundle_sha256)
    connection.execute(MARK_CRASHED)
    return int(connection.execute(INSERT_SESSION, _row(about)).lastrowid or 0)


def end_session(connection: sqlite3.Connection, session: int, ending: str) -> None:
    """Within the caller's transaction; `ending` is `done` or `stopped`."""
    connection.execute(END, (time.time_ns(), time.monotonic_ns(), ending, session))


def _row(about: SessionAbout) -> tuple[object, ...]:
    return (
        text(redact(about.source)),
        int(about.live),
        about.bundle_sha256,
        text(about.settings_json()),
        text(about.device),
        __version__,
        json.dumps(about.stages),
        json.dumps(about.cell_types),
        json.dumps(about.models, sort_keys=True),
        _boot_id(),
        time.time_ns(),
        time.monotonic_ns(),
    )


def _boot_id() -> str:
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return ""


def _check_slide(connection: sqlite3.Connection, path: Path, slide: str) -> None:
    found = connection.execute("SELECT slide FROM journal").fetchone()
    if found is None or found[0] != slide:
        named = found[0] if found else None
        raise InputError(
            f"journal {path} is of {f'slide {named!r}' if named else 'a slide without a name'}",
            wanted=f"slide {slide!r}" if slide else "no --slide",
            next_step="give this slide a journal of its own, or name the slide as before",
        )


def _check_bundle(connection: sqlite3.Connection, path: Path, digest: str) -> None:
    for (found,) in connection.execute("SELECT DISTINCT bundle_sha256 FROM sessions"):
        if found != digest:
            raise InputError(
                f"journal {path} was written with another bundle ({str(found)[:12]})",
                wanted=f"bundle {digest[:12]}",
                next_step="run that bundle, or choose a new journal",
            )
