"""Journals with flipped bits, cut short or hostile: refused in one line or read, never anything else."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from journal_made import about, fill, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal


def whole_journal() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        fill(path, about(), 8)
        with open_journal(path, about()) as journal:
            journal.count_drops({"late": 3})
        return path.read_bytes()


WHOLE = whole_journal()
flips = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), max_size=6)


def read_all(path: Path) -> int:
    """All that a reader can ask; how often it was refused."""
    asked = 0
    try:
        reader = read_journal(path)
    except InputError as error:
        assert "\n" not in str(error)
        return 1
    with reader:
        questions = [reader.summary]
        questions += [
            lambda ask=ask, field=field: ask(field)
            for field in range(9)
            for ask in (reader.maps, reader.picture, reader.thumbnail)
        ]
        for question in questions:
            try:
                question()
            except InputError as error:
                assert "\n" not in str(error)
                asked += 1
    return asked


def write_on(path: Path) -> None:
    """All that a run does."""
    try:
        with open_journal(path, about(), keep_pictures_bytes=20_000) as journal:
            for placed in journal.resume():
                assert len(placed.boxes_px) == len(placed.on_slide.new)
            journal.known("blobs", "blobs_3")
            journal.write(numbered(3)), journal.write(numbered(20))
    except InputError as error:
        assert "\n" not in str(error)


@settings(max_examples=150)
@given(flips, st.integers(0, 2 * len(WHOLE)))
@example([], 2 * len(WHOLE))
@example([(18, 2), (19, 3)], 2 * len(WHOLE))
@example([], 0)
@example([], 100)
@example([], 4096)
def test_any_bytes_are_refused_or_read(changes, length):
    data = bytearray(WHOLE)
    for offset, mask in changes:
        data[offset] ^= mask
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        path.write_bytes(bytes(data[:length]))
        refused = read_all(path)
        assert refused or length > len(WHOLE) // 2
        write_on(path)


@settings(max_examples=60)
@given(st.data())
def test_any_value_in_any_column_is_refused_or_read(data):
    """What a flipped bit in a row's header, or a hand, makes of a value."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        path.write_bytes(WHOLE)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        table = data.draw(st.sampled_from([row[0] for row in connection.execute(tables)]))
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        column = data.draw(st.sampled_from([row[1] for row in columns]))
        value = data.draw(
            st.one_of(
                st.sampled_from(
                    [-1, 2**62, 1e300, "", "nan", "[]", "{", '{"a": 1}', "[[1]]", b"", b"\xff\xfe"]
                ),
                st.integers(-(2**63), 2**63 - 1),
                st.text(max_size=5),
                st.binary(max_size=9),
            )
        )
        try:
            with connection:
                connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
        except (sqlite3.Error, UnicodeEncodeError):
            pass
        connection.close()
        read_all(path)
        write_on(path)


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_rubbish_beside_the_journal_does_no_harm(tmp_path, ending):
    path = tmp_path / "slide.db"
    path.write_bytes(WHOLE)
    path.with_name(path.name + ending).write_bytes(bytes(range(256)) * 200)
    assert read_all(path) == 0
    with open_journal(path, about()) as journal:
        assert journal.write(numbered(30)) == 9


def test_a_damaged_journal_says_how_to_save_what_can_be_read(tmp_path):
    path = tmp_path / "slide.db"
    path.write_bytes(WHOLE[: len(WHOLE) // 2])
    saved = r"is damaged; move it away, or save .*\.recover"
    with pytest.raises(InputError, match=saved), read_journal(path) as reader:
        reader.summary()
