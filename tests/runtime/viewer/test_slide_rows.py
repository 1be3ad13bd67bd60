import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "journal"))
from journal_made import about, numbered

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.viewer.slide_rows import SlideRows


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.db"


def test_what_is_new_is_read_and_nothing_twice(path):
    with open_journal(path, about()) as journal, read_journal(path) as reader:
        rows = SlideRows(reader)
        assert rows.slide().fields == ()
        for index in range(3):
            journal.write(numbered(index), b"")
        first = rows.slide()
        assert len(first.field_rows) == 3 and len(first.cell_rows) == 6
        assert rows.slide() is first
        journal.write(numbered(3), b"")
        second = rows.slide()
        assert [row.id for row in second.field_rows] == [1, 2, 3, 4]
        assert second.cell_rows == reader.cells()


def test_a_review_is_seen_whoever_wrote_it(path):
    with open_journal(path, about()) as journal, read_journal(path) as reader:
        journal.write(numbered(0), b"")
        rows = SlideRows(reader)
        before = rows.slide()
        with ReviewBook(path) as book:
            book.add(reviewer="AB", field=1, cell=None, verdict="reject")
        after = rows.slide()
        assert after is not before and after.after.rejected == 1 and before.after.rejected == 0


def test_where_islands_join_older_sightings_cease_to_count(path):
    """What field 1 and field 2 showed as two cells is one, as field 3 shows."""

    def at(index, numbers, new, island, **how):
        place = OnSlide(island, (float(index), 0.0), 1.0, True, numbers, new, **how)
        return replace(numbered(index, placed=False), on_slide=place)

    with open_journal(path, about()) as journal, read_journal(path) as reader:
        rows = SlideRows(reader)
        journal.write(at(0, (1, 2), (True, True), 1), b"")
        journal.write(at(1, (3, 4), (True, True), 2), b"")
        assert len(rows.slide().cells) == 4
        joins = {"joined": (2,), "same_cells": ((3, 1),)}
        journal.write(at(2, (1, 5), (False, True), 1, **joins), b"")
        slide = rows.slide()
        assert len(slide.cells) == 4 and slide.cell_rows == reader.cells()
        assert (2, 0) not in [one.key for one in slide.cells]
