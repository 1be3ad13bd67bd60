"""A clock that jumps by years: the order, the ages and the durations stay right."""

import sqlite3
import time
from dataclasses import replace

import pytest
from journal_made import about, numbered

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.session import BOOT_ID
from leukoscope.runtime.journal.write import open_journal

YEAR_NS = 365 * 86400 * 10**9
JUMPS = (0, 10 * YEAR_NS, -30 * YEAR_NS, 3, -60 * YEAR_NS)


@pytest.fixture
def clocks(monkeypatch):
    """Wall and monotonic clock, set by hand."""
    now = {"wall": 50 * YEAR_NS, "tick": 5_000_000_000}
    monkeypatch.setattr("time.time_ns", lambda: now["wall"])
    monkeypatch.setattr("time.monotonic_ns", lambda: now["tick"])
    return now


def test_order_ages_and_durations(path, clocks):
    began = clocks["wall"]
    with open_journal(path, about()) as journal:
        for index, jump in enumerate(JUMPS):
            clocks["wall"] = began + jump
            frame = replace(
                numbered(index).frame,
                captured_at_ns=time.time_ns(),
                captured_tick_ns=time.monotonic_ns(),
            )
            clocks["tick"] += 250_000_000
            clocks["wall"] -= YEAR_NS
            finished = time.monotonic_ns()
            journal.write(replace(numbered(index), frame=frame, finished_tick_ns=finished))
            journal.note(f"field {index}")
        resumed = [one.frame for one in journal.resume()]
    with sqlite3.connect(path) as connection:
        fields = connection.execute(
            "SELECT frame, captured_wall_ns, frame_age_ms FROM fields ORDER BY id"
        ).fetchall()
        events = connection.execute("SELECT detail FROM events ORDER BY id").fetchall()
    connection.close()
    assert fields == [(index, began + jump, 250.0) for index, jump in enumerate(JUMPS)]
    assert min(wall for _, wall, _ in fields) < 0
    assert resumed == [0, 1, 2, 3, 4] and events == [(f"field {i}",) for i in range(5)]
    with read_journal(path) as reader:
        assert reader.summary().sessions[0].seconds == pytest.approx(1.25)


def test_sessions_are_in_their_order_whatever_the_clock_says(path, clocks):
    for jump in JUMPS:
        clocks["wall"] = 50 * YEAR_NS + jump
        with open_journal(path, about()) as journal:
            journal.write(numbered(journal.session))
    with read_journal(path) as reader:
        sessions = reader.summary().sessions
    assert [one.id for one in sessions] == [1, 2, 3, 4, 5]
    assert [one.began_wall_ns - 50 * YEAR_NS for one in sessions] == list(JUMPS)


def test_ticks_are_told_apart_by_the_machines_start(path):
    with open_journal(path, about()):
        pass
    with sqlite3.connect(path) as connection:
        boot = connection.execute("SELECT boot FROM sessions").fetchone()[0]
    connection.close()
    assert boot == (BOOT_ID.read_text().strip() if BOOT_ID.exists() else "")
