"""Reviews stand beside what the machine said, and are safe when `add` returns."""

import sqlite3
import subprocess
import sys
import threading

import pytest
from journal_made import about, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.journal.write import open_journal

GOOD = {"reviewer": "AB", "field": 1, "cell": 0, "verdict": "type", "value": "lymphocyte"}


def machine_rows(path):
    with sqlite3.connect(path) as connection:
        rows = [
            connection.execute(f"SELECT * FROM {table}").fetchall() for table in ("fields", "cells")
        ]
    connection.close()
    return rows


def test_what_was_said_last_stands_and_the_machines_answer_is_untouched(filled):
    before = machine_rows(filled)
    with ReviewBook(filled) as book:
        book.add(**GOOD)
        book.add(**{**GOOD, "value": "monocyte", "reviewer": "CD"})
        book.add(reviewer="AB", field=2, cell=None, verdict="stage", value="Pro")
        book.add(reviewer="AB", field=3, cell=None, verdict="reject")
        book.add(reviewer="CD", field=3, cell=None, verdict="withdraw")
    assert machine_rows(filled) == before
    with read_journal(filled) as reader:
        assert [one.id for one in reader.reviews()] == [1, 2, 3, 4, 5]
        standing = reader.standing_reviews()
    assert set(standing) == {(1, 0), (2, None)}
    assert (standing[1, 0].value, standing[1, 0].reviewer) == ("monocyte", "CD")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"field": 99}, "field 99 is not in the journal"),
        ({"cell": 7}, "cell 7 of field 1 is not"),
        ({"cell": -1}, "cell -1 of field 1 is not"),
        ({"value": "unicorn"}, "type 'unicorn'; wanted one of "),
        ({"value": "unclassified"}, "wanted one of "),
        ({"value": None}, "type 'None'"),
        ({"verdict": "stage", "value": "Pro"}, "verdict 'stage'"),
        ({"cell": None}, "verdict 'type'"),
        ({"verdict": "accept"}, "accept with the value"),
        ({"verdict": "delete", "value": None}, "verdict 'delete'"),
        ({"reviewer": ""}, "initials"),
        ({"reviewer": "  "}, "initials"),
        ({"reviewer": "A\nB"}, "initials"),
        ({"reviewer": "A" * 13}, "initials"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(filled, change, words):
    with ReviewBook(filled) as book:
        with pytest.raises(InputError, match=words):
            book.add(**{**GOOD, **change})
        assert book.add(**GOOD).id == 1
    with read_journal(filled) as reader:
        assert len(reader.reviews()) == 1


def test_a_field_without_a_stage_cannot_be_accepted(path):
    from dataclasses import replace

    with open_journal(path, about()) as journal:
        journal.write(replace(numbered(0), vote=None))
    with ReviewBook(path) as book, pytest.raises(InputError, match="no stage"):
        book.add(reviewer="AB", field=1, cell=None, verdict="accept")


def test_a_book_is_opened_for_a_journal_only(path):
    with pytest.raises(InputError, match="no journal at"):
        ReviewBook(path)
    assert not path.exists()
    path.write_bytes(b"something else, and long enough to be looked at" * 20)
    with pytest.raises(InputError, match="it is no journal"):
        ReviewBook(path)


def test_reviews_and_fields_are_written_side_by_side(path):
    """From two threads while the run writes: nothing of either is lost, nothing is refused."""
    with open_journal(path, about()) as journal:
        journal.write(numbered(0))
        with ReviewBook(path) as book:

            def review(sign):
                for _ in range(20):
                    book.add(**{**GOOD, "reviewer": sign})

            threads = [threading.Thread(target=review, args=(sign,)) for sign in ("AB", "CD")]
            for thread in threads:
                thread.start()
            for index in range(1, 40):
                journal.write(numbered(index))
            for thread in threads:
                thread.join()
    with read_journal(path) as reader:
        assert len(reader.reviews()) == 40 and reader.summary().fields == 40
        assert [one.id for one in reader.reviews()] == list(range(1, 41))


def test_what_was_acknowledged_survives_a_kill(filled):
    code = f"""
import os, signal
from pathlib import Path
from leukoscope.runtime.journal.reviews import ReviewBook
book = ReviewBook(Path({str(filled)!r}))
for field in range(1, 6):
    book.add(reviewer="AB", field=field, cell=None, verdict="reject")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with read_journal(filled) as reader:
        assert [one.field for one in reader.reviews()] == [1, 2, 3, 4, 5]
