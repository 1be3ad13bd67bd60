"""What is refused at the door, in one line with the next step, and is left as it was."""

import os
import sqlite3
from pathlib import Path

import pytest
from journal_made import about, fill, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.journal.database import _set_up
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

NOBODY = 65534


def change(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.fixture
def unprivileged():
    """Permissions hold for us too."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(os.getuid())


def refused(path: Path, words: str, *, both: bool = True) -> None:
    before = path.read_bytes() if path.is_file() else None
    openings = [lambda: open_journal(path, about())]
    openings += [lambda: read_journal(path)] if both else []
    for opening in openings:
        with pytest.raises(InputError, match=words) as error:
            opening()
        assert "\n" not in str(error.value) and error.value.next_step
    if before is not None:
        assert path.read_bytes() == before


def test_another_slides_journal(filled):
    with pytest.raises(InputError, match="of slide 'S-17/3'; wanted slide 'S-18'"):
        open_journal(filled, about(slide="S-18"))
    with pytest.raises(InputError, match="of slide 'S-17/3'; wanted no --slide"):
        open_journal(filled, about(slide=""))


def test_a_slide_without_a_name_stays_without(path):
    fill(path, about(slide=""), 1)
    fill(path, about(slide=""), 2)
    with pytest.raises(InputError, match="a slide without a name"):
        open_journal(path, about())


def test_another_bundles_journal(filled):
    with pytest.raises(InputError, match=r"another bundle \(abababababab\); wanted bundle cdcdcd"):
        open_journal(filled, about(bundle_sha256="cd" * 32))
    with read_journal(filled) as reader:
        assert len(reader.summary().sessions) == 1


@pytest.mark.parametrize("version", [0, 1, 99])
def test_another_version(filled, version):
    change(filled, f"PRAGMA user_version = {version}")
    refused(filled, f"schema {version}; wanted schema 2; use the version")


def test_another_programs_database(path):
    change(path, "CREATE TABLE theirs (x)")
    refused(path, "is not a journal of leukoscope; choose another file")
    path.unlink()
    change(path, "PRAGMA application_id = 5")
    refused(path, "is not a journal of leukoscope")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON fields BEGIN DELETE FROM cells; END",
        "CREATE TABLE more (x)",
        "DROP TABLE events",
        "ALTER TABLE cells ADD COLUMN more",
    ],
)
def test_tables_that_are_not_the_schemas(filled, statement):
    change(filled, statement)
    refused(filled, "other tables than its schema")


@pytest.mark.parametrize(
    "content", [b"not a database", b"x" * 9000, b"SQLite format 3\0" + bytes(50)]
)
def test_a_file_that_is_no_database(path, content):
    path.write_bytes(content)
    refused(path, "journal|database|damaged")


def test_a_journal_that_is_not_there_is_not_made_by_reading(path):
    with pytest.raises(InputError, match="no journal at"):
        read_journal(path)
    assert not path.exists()


@pytest.mark.parametrize("made", [b"", None])
def test_an_empty_file_becomes_a_journal(path, made):
    if made is not None:
        path.write_bytes(made)
    else:
        change(path, "PRAGMA journal_mode = WAL")  # a run that was killed before its first commit
    assert fill(path, about(), 1) == [1]


def test_a_missing_folder_is_made(tmp_path):
    fill(tmp_path / "day" / "ward" / "slide.db", about(), 1)


def test_a_folder_is_no_journal(tmp_path):
    with pytest.raises(InputError, match=r"is a folder; wanted a file; name one: .*slide\.db"):
        open_journal(tmp_path, about())
    with pytest.raises(InputError, match="no journal"):
        read_journal(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written: .*choose another place"):
        open_journal(tmp_path / "file" / "slide.db", about())


def test_names_that_a_uri_would_read_otherwise(tmp_path):
    for name in ("a?mode=ro.db", "50%20.db", "#1.db", "ä ö.db"):
        fill(tmp_path / name, about(), 1)
        with read_journal(tmp_path / name) as reader:
            assert reader.summary().fields == 1
    assert len(list(tmp_path.glob("*.db"))) == 4


def test_a_read_only_folder_is_refused_for_writing_and_read(open_folder, unprivileged):
    path, before = open_folder / "slide.db", os.geteuid()
    os.seteuid(os.getuid())
    fill(path, about(), 3)
    open_folder.chmod(0o555)
    os.seteuid(before)
    for place in (path, open_folder / "new" / "slide.db"):
        with pytest.raises(InputError, match="cannot be written: Permission denied; choose"):
            open_journal(place, about())
    for left in (None, path.with_name("slide.db-wal")):
        if left is not None:
            os.seteuid(os.getuid())
            open_folder.chmod(0o755)
            left.write_bytes(b"")  # a reader on a disk that may be written leaves an empty one
            open_folder.chmod(0o555)
            os.seteuid(before)
        with read_journal(path) as reader:
            assert reader.summary().fields == 3


def test_a_log_that_cannot_be_taken_up_is_not_passed_over(open_folder, unprivileged):
    """Without its log the last fields would be missing, and nobody would know."""
    path, before = open_folder / "slide.db", os.geteuid()
    os.seteuid(os.getuid())
    fill(path, about(), 1)
    path.with_name("slide.db-wal").write_bytes(bytes(64))
    open_folder.chmod(0o555)
    os.seteuid(before)
    with pytest.raises(InputError, match="cannot be read"):
        read_journal(path)


def test_another_program_that_holds_the_file(path, monkeypatch):
    monkeypatch.setattr("leukoscope.runtime.journal.database.WAIT_S", 0.05)
    with open_journal(path, about()) as journal:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another program holds it; close that program"):
            journal.write(numbered(0))
        other.execute("ROLLBACK")
        other.close()
        assert journal.write(numbered(0)) == 1


def test_a_file_system_without_shared_memory_is_refused(path):
    memory = sqlite3.connect(":memory:")  # has no log either
    with pytest.raises(InputError, match=r"no shared memory .*; keep the journal on a disk"):
        _set_up(memory, path)
    memory.close()


@pytest.mark.parametrize("slide", ["a\nb", "x" * 201, "\x1b[31m", "\x00"])
def test_a_slides_name_that_does_not_do(slide):
    with pytest.raises(InputError, match="give --slide another one"):
        about(slide=slide)


def test_a_slides_name_may_be_of_any_script():
    assert about(slide="Präparat 7/α 染色").slide


def test_a_digest_is_a_digest():
    with pytest.raises(ValueError, match="SHA-256"):
        about(bundle_sha256="ab")
