"""A disk that is full: nothing acknowledged is lost, one line says what to do, and with room again it goes on."""

import json
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from journal_made import about, numbered, textured

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

PROGRAM = Path(__file__).with_name("full_disk.py")
SMALL_DISK = "mount -t tmpfs -o size=1m none {0} && exec {1}"


def filled_up(command: list[str]) -> dict:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def program(path: Path, kind: str) -> list[str]:
    return [sys.executable, str(PROGRAM), str(path), kind]


def on_small_disk(folder: Path, command: str) -> list[str]:
    """In a mount namespace of its own."""
    return ["unshare", "-rm", "sh", "-c", SMALL_DISK.format(shlex.quote(str(folder)), command)]


def test_a_small_disk(tmp_path, request):
    if subprocess.run(on_small_disk(tmp_path, "true"), capture_output=True).returncode:
        plugins = request.config.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("namespaces", "no small disk can be mounted", "sudo make test")
    command = shlex.join(program(tmp_path / "slide.db", "disk"))
    told = filled_up(on_small_disk(tmp_path, command))
    assert told["written"] > 5
    assert all(
        "the disk is full; make room there and run the same" in line for line in told["said"]
    )


def test_a_file_that_may_not_grow(path):
    told = filled_up(program(path, "limit"))
    assert told["written"] > 5 and len(told["said"]) > 3
    assert all("make room there" in line for line in told["said"])


def test_a_database_that_may_not_grow(path):
    with open_journal(path, about(), keep_pictures_bytes=0) as journal:
        ask = journal._transactions.connection.execute
        journal.write(numbered(0))
        pages = ask("PRAGMA page_count").fetchone()[0]
        ask(f"PRAGMA max_page_count = {pages}")
        journal.count_drops({"late": 4})
        with pytest.raises(InputError, match="the disk is full; make room") as error:
            for index in range(1, 50):
                journal.write(numbered(index))
        assert "\n" not in str(error.value)
        with read_journal(path) as reader:
            written = reader.summary().fields
        ask("PRAGMA max_page_count = 100000")
        assert journal.write(numbered(written)) == written + 1
    with read_journal(path) as reader:
        summary = reader.summary()
    assert summary.fields == written + 1 and summary.drops == {"late": 4}
    assert summary.sessions[0].ending == "done"


def test_an_end_that_cannot_be_written_is_said_and_lets_go(path):
    journal = open_journal(path, about())
    journal.write(numbered(0))
    ask = journal._transactions.connection.execute
    ask(
        "CREATE TEMP TRIGGER no BEFORE UPDATE ON sessions BEGIN SELECT raise(FAIL, 'disk is full'); END"
    )
    with pytest.raises(InputError, match="full"):
        journal.close()
    with open_journal(path, about()) as again, read_journal(path) as reader:
        assert [one.ending for one in reader.summary().sessions] == ["crashed", "running"]
        assert again.known("blobs", "blobs_0")


def test_the_first_error_is_the_one_that_is_told(path):
    with pytest.raises(InputError, match="the camera"), open_journal(path, about()) as journal:
        ask = journal._transactions.connection.execute
        ask(
            "CREATE TEMP TRIGGER no BEFORE UPDATE ON sessions BEGIN SELECT raise(FAIL, 'disk is full'); END"
        )
        raise InputError("the camera is gone")


class Unplugged:
    """A connection whose rollback fails once, as on a disk that is gone for a while."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection, self.in_transaction = connection, True

    def execute(self, statement, *values):
        if statement in ("COMMIT", "ROLLBACK"):
            raise sqlite3.OperationalError("disk I/O error")
        return self.connection.execute(statement, *values)

    def __getattr__(self, name):
        return getattr(self.connection, name)


def test_a_connection_that_cannot_roll_back_is_replaced(path):
    with open_journal(path, about()) as journal:
        journal.write(textured(0))
        journal.count_drops({"late": 2})
        journal._transactions._connection = Unplugged(journal._transactions._connection)
        with pytest.raises(InputError, match="the disk refuses it"):
            journal.write(textured(1))
        assert journal.write(textured(1)) == 2
        assert journal.write(textured(2)) == 3
        assert journal._transactions.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with read_journal(path) as reader:
        assert reader.summary().fields == 3 and reader.summary().drops == {"late": 2}
