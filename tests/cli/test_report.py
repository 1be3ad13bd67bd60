"""`report`: a journal as a page, as tables, as JSON."""

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))
sys.path.insert(0, str(Path(__file__).parents[1] / "runtime" / "report"))
sys.path.insert(0, str(Path(__file__).parents[1] / "runtime" / "journal"))

from journal_made import about, fill
from parsed import Page

from leukoscope.cli.report import report
from leukoscope.errors import InputError, LeukoscopeError, MachineError, UsageError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.sources.slide import open_slide

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(report)


def invoke(*words):
    got = CliRunner().invoke(APP, [str(word) for word in words])
    if got.exception is not None and not isinstance(got.exception, SystemExit):
        assert isinstance(got.exception, LeukoscopeError), got.exception
    return got


def refused(kind, *words) -> str:
    got = invoke(*words)
    assert isinstance(got.exception, kind), got.output
    assert "\n" not in str(got.exception)
    return str(got.exception)


@pytest.fixture
def journal(tmp_path):
    path = tmp_path / "slide.db"
    fill(path, about(), 12)
    return path


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_all_at_once(journal, tmp_path):
    page, tables = tmp_path / "slide.html", tmp_path / "tables"
    got = invoke(journal, "-o", page, "--csv", tables, "--json")
    assert got.exit_code == 0
    value = json.loads(got.stdout)
    assert value["machine"]["fields"]["counted"] == 12 == len(rows(tables / "fields.csv"))
    assert value["machine"]["differential"]["total"] == 13
    assert "12, of which 12 count" in Page(page.read_text(encoding="utf-8")).text
    assert "Research use only" in got.stderr and str(page) in got.stderr
    settings = json.loads((tmp_path / "slide.html.settings.json").read_text())
    assert settings["settings"]["csv"] == str(tables)


def test_the_same_journal_gives_the_same_bytes_and_is_only_read(journal, tmp_path):
    before = journal.read_bytes()
    for name in ("a", "b"):
        assert (
            invoke(journal, "-o", tmp_path / f"{name}.html", "--csv", tmp_path / name).exit_code
            == 0
        )
    for one, other in (
        ("a.html", "b.html"),
        ("a/fields.csv", "b/fields.csv"),
        ("a/cells.csv", "b/cells.csv"),
    ):
        assert (tmp_path / one).read_bytes() == (tmp_path / other).read_bytes()
    assert journal.read_bytes() == before


def test_parquet_goes_where_it_was_sent(journal, tmp_path):
    got = invoke(journal, "--parquet", tmp_path / "tables")
    if isinstance(got.exception, MachineError):
        assert "pip install 'leukoscope[parquet]'" in str(got.exception)
        return
    assert (tmp_path / "tables" / "cells.parquet").read_bytes()[:4] == b"PAR1"


def test_settings_from_a_file(journal, tmp_path):
    config = tmp_path / "report.toml"
    config.write_text(f'output = "{tmp_path / "from_file.html"}"\njson = true\n')
    got = invoke(journal, "--config", config)
    assert json.loads(got.stdout)["schema"] == 1 and (tmp_path / "from_file.html").exists()


def test_nothing_to_write_is_a_wrong_usage(journal):
    assert "-o FILE.html" in refused(UsageError, journal)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no journal at"),
        (lambda path: path.write_bytes(b""), "not a journal"),
        (lambda path: path.write_text("patient,count\n"), "not a database|no journal"),
        (lambda path: path.mkdir(), "no journal at"),
        (
            lambda path: sqlite3.connect(path).execute("CREATE TABLE a (b)").connection.close(),
            "not a journal",
        ),
    ],
)
def test_what_is_no_journal_is_refused_in_one_line(tmp_path, make, words):
    path = tmp_path / "other.db"
    make(path)
    assert re.search(words, refused(InputError, path, "--json"))


def test_the_command_refuses_in_one_line_with_exit_1(tmp_path):
    (tmp_path / "other.db").write_text("patient,count\n")
    command = [sys.executable, "-m", "leukoscope", "report", str(tmp_path / "other.db"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "") and len(done.stderr.splitlines()) == 1


def test_a_journal_of_another_schema_is_refused(journal):
    with sqlite3.connect(journal) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert "has schema 1" in refused(InputError, journal, "--json")


def test_a_journal_that_was_cut_is_refused_or_told(journal, tmp_path):
    data = journal.read_bytes()
    journal.write_bytes(data[: len(data) // 2])
    assert "damaged" in refused(InputError, journal, "-o", tmp_path / "slide.html")
    assert not (tmp_path / "slide.html").exists()


def test_places_that_will_not_do_are_told_before_the_work(journal, tmp_path):
    (tmp_path / "file").write_text("x")
    assert "html" in refused(UsageError, journal, "-o", journal)
    assert "mkdir -p" in refused(InputError, journal, "-o", tmp_path / "no" / "slide.html")
    assert "is a file" in refused(InputError, journal, "--csv", tmp_path / "file")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root writes everywhere; to run it: make test as a user"
)
def test_a_folder_that_may_only_be_read_is_one_line(journal, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    assert "cannot be written" in refused(InputError, journal, "-o", folder / "slide.html")


def leukoscope(*words, **how):
    command = [sys.executable, "-m", "leukoscope", "run", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how)


SLIDE = "synthetic://slide?stage=early&seed=1&stops=8"


@pytest.mark.heavy
def test_the_report_of_a_painted_slide_beside_its_truth(ready_bundle, tmp_path):
    path, page, tables = tmp_path / "slide.db", tmp_path / "slide.html", tmp_path / "tables"
    done = leukoscope(ready_bundle, SLIDE, "--journal", path, "--slide", "S-17/3", "--threads", 1)
    _, told = done.communicate(timeout=300)
    assert done.returncode == 0, told
    with ReviewBook(path) as book:
        book.add(reviewer="AB", field=1, cell=0, verdict="reject")
        book.add(reviewer="AB", field=2, cell=None, verdict="stage", value="Pro")
    got = invoke(path, "-o", page, "--csv", tables, "--json")
    value, text = json.loads(got.stdout), Page(page.read_text(encoding="utf-8")).text
    fields, cells = rows(tables / "fields.csv"), rows(tables / "cells.csv")

    with read_journal(path) as reader:
        summary = reader.summary()
    machine, after = value["machine"], value["reviewed"]
    assert machine["fields"]["judged"] == summary.fields == len(fields) >= 6
    assert sum(int(one["machine_counts"]) for one in fields) == machine["fields"]["counted"]
    assert sum(int(one["machine_white_cell"]) for one in cells) == machine["differential"]["total"]
    assert (
        sum(int(one["after_review_white_cell"]) for one in cells) == after["differential"]["total"]
    )
    assert after["differential"]["total"] == machine["differential"]["total"] - 1
    assert f"{after['differential']['total']}, each of the slide once" in text
    assert "Not enough evidence" in text and machine["conclusion"]["stage"] is None

    truth = open_slide(SLIDE).truth
    there = len(truth.unique([int(one["frame"]) for one in fields]))
    assert abs(machine["differential"]["total"] - there) <= max(2, 0.1 * there)
    assert machine["stages"]["counts"]["Early"] == max(machine["stages"]["counts"].values())
    assert value["skipped_stops"] == dict(summary.skipped_stops)
    invoke(path, "-o", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


@pytest.mark.heavy
def test_the_report_of_a_run_that_was_killed_says_so(ready_bundle, tmp_path):
    path = tmp_path / "slide.db"
    source = SLIDE.replace("stops=8", "stops=40")
    run = leukoscope(ready_bundle, source, "--journal", path, "--threads", 1)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not _fields(path) >= 3:
        time.sleep(0.1)
    running = invoke(path, "-o", tmp_path / "running.html", "--json")
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert json.loads(running.stdout)["state"] == "running"
    assert "Still running." in Page((tmp_path / "running.html").read_text(encoding="utf-8")).text
    got = invoke(path, "-o", tmp_path / "slide.html", "--json")
    value = json.loads(got.stdout)
    assert value["state"] == "crashed" and value["crashed_sessions"] == [1]
    assert "Session 1 crashed:" in Page((tmp_path / "slide.html").read_text(encoding="utf-8")).text
    assert value["machine"]["fields"]["judged"] == _fields(path) >= 3


def _fields(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with read_journal(path) as reader:
            return reader.summary().fields
    except InputError:  # its tables are just being made
        return 0
