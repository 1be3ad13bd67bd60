"""Before and after review, on rows made by hand."""

from dataclasses import replace

from journal_made import about, fill

from leukoscope.runtime.journal.counts import count_slide
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.records import CellRow
from leukoscope.runtime.journal.reviews import ReviewBook


def counts(path, *, reviewed=True):
    with read_journal(path) as reader:
        said = reader.standing_reviews()
        return count_slide(reader.fields(), reader.cells(), said, reviewed=reviewed)


def review(path, *said):
    with ReviewBook(path) as book:
        for field, cell, verdict, value in said:
            book.add(reviewer="AB", field=field, cell=cell, verdict=verdict, value=value)


def test_the_machines_counts_are_the_summarys(path):
    fill(path, about(), 5)
    fill(path, about(), 3, first=5, flags=("scale_off",), stage="Pro")
    with read_journal(path) as reader:
        summary = reader.summary()
    found = counts(path, reviewed=False)
    assert found.stages == {"Early": 5} and found.flagged == 3 and found.rejected == 0
    assert found.cells == summary.cells and found.rejected_cells == 0


def test_a_field_counts_for_what_a_person_says(path):
    fill(path, about(), 4)
    fill(path, about(), 2, first=4, flags=("scale_off",), stage="Pro")
    review(
        path,
        (1, None, "stage", "Benign"),
        (2, None, "reject", None),
        (5, None, "accept", None),
        (6, None, "stage", "Pre"),
    )
    found = counts(path)
    assert found.stages == {"Benign": 1, "Early": 2, "Pro": 1, "Pre": 1}
    assert (found.flagged, found.rejected) == (0, 1)
    assert counts(path, reviewed=False).stages == {"Early": 4}


def test_a_cell_counts_for_what_a_person_says(path):
    fill(path, about(), 4)  # each field shows two cells, the first of them again: five in all
    assert counts(path).cells == {"blast": 5}
    review(
        path,
        (1, 0, "type", "lymphocyte"),
        (1, 1, "type", "other"),
        (2, 1, "reject", None),
        (3, 1, "accept", None),
    )
    found = counts(path)
    assert found.cells == {"blast": 2, "lymphocyte": 1}
    assert (found.nucleated_others, found.rejected_cells) == (1, 1)


def test_of_a_rejected_field_cells_that_another_shows_still_count(path):
    """Field 1 shows 1 and 2, field 2 shows 2 and 3: without field 1 there are 2 and 3."""
    fill(path, about(), 2)
    review(path, (1, None, "reject", None))
    found = counts(path)
    assert found.cells == {"blast": 2} and found.rejected_cells == 1
    review(path, (2, 0, "type", "monocyte"))
    assert counts(path).cells == {"blast": 1, "monocyte": 1}


def test_unclassified_comes_last_and_red_cells_apart():
    cell = CellRow(
        1, 0, None, True, True, (0, 0, 9, 9), "unclassified", 0.3, {}, 60, None, 0.5, 0.9
    )
    cells = [cell, replace(cell, cell=1), replace(cell, cell=2, type="blast")]
    cells += [replace(cell, cell=3, type="other"), replace(cell, cell=4, type="other", nc_ratio=0)]
    found = count_slide([], cells, {}, reviewed=True)
    assert list(found.cells.items()) == [("blast", 1), ("unclassified", 2)]
    assert found.nucleated_others == 1
