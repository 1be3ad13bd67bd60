from dataclasses import replace

import pytest

from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.viewer.reviewed_slide import ReviewedSlide


def field(number, stage="Early", flags=()):
    return FieldRow(
        number, 1, "smears", f"f_{number}", number, 0, 0, None, 1.0, (64, 48), stage, 0.9, {}, "trees",
        stage, tuple(flags), None, "unknown", None, None, None, None, (), None, None, None, None,
    )  # fmt: skip


def cell(field_id, number, kind="blast", slide_number=None, counted=True):
    return CellRow(
        field_id, number, slide_number, counted, counted, (0, 0, 9, 9), kind, 0.9, {kind: 0.9}, 50,
        None, 0.5, 1.0,
    )  # fmt: skip


def review(number, field_id, cell_number, verdict, value=None, by="AB"):
    return Review(number, number, by, field_id, cell_number, verdict, value)


@pytest.fixture
def slide():
    """Cell 7 of the slide is seen in fields 1 and 2, cell 8 in 2, cell 9 in 3."""
    fields = (field(1), field(2, flags=("low_probability",)), field(3, None))
    cells = (cell(1, 0, "blast", 7), cell(2, 0, "lymphocyte", 7, counted=False),
             cell(2, 1, "neutrophil", 8), cell(3, 0, "unclassified", 9))  # fmt: skip
    return ReviewedSlide(fields, cells, ())


def said(slide, *reviews):
    return ReviewedSlide(slide.field_rows, slide.cell_rows, reviews)


def groups(slide):
    return [one.group for one in slide.fields], [one.group for one in slide.cells]


def test_without_a_review_all_is_as_the_machine_says(slide):
    assert groups(slide) == (["Early", "flagged", "none"], ["blast", "neutrophil", "unclassified"])
    assert slide.before == slide.after and slide.reviewers == ()
    assert slide.before.stages == {"Early": 1} and slide.before.flagged == 1
    assert slide.cells_in_field == {1: 1, 2: 2, 3: 1}
    assert slide.counted_sightings == {7: (1, 0), 8: (2, 1), 9: (3, 0)}


def test_a_corrected_cell_is_where_the_reviewer_put_it_and_says_what_the_machine_said(slide):
    after = said(slide, review(1, 1, 0, "type", "lymphocyte"), review(2, 3, 0, "reject", by="CD"))
    assert groups(after)[1] == ["lymphocyte", "neutrophil", "rejected"]
    first = after.cells[0]
    assert first.sighting.type == "blast" and first.new_type == "lymphocyte"
    assert first.review.reviewer == "AB" and after.reviewers == ("AB", "CD")
    assert after.before.cells != after.after.cells and after.after.rejected_cells == 1


def test_what_is_withdrawn_is_as_if_nobody_had_said_it(slide):
    after = said(slide, review(1, 1, 0, "reject"), review(2, 1, 0, "withdraw"))
    assert groups(after) == groups(slide) and after.cells[0].review is None


def test_a_flagged_field_counts_when_it_is_accepted_or_named(slide):
    assert groups(said(slide, review(1, 2, None, "accept")))[0] == ["Early", "Early", "none"]
    assert groups(said(slide, review(1, 2, None, "stage", "Pro")))[0] == ["Early", "Pro", "none"]


def test_a_cell_of_a_rejected_field_is_shown_by_another_field_of_it(slide):
    after = said(slide, review(1, 1, None, "reject"))
    assert groups(after) == (["rejected", "flagged", "none"], ["lymphocyte", "neutrophil", "unclassified"])  # fmt: skip
    moved = after.cells[0]
    assert moved.key == (1, 0) and (moved.sighting.field, moved.sighting.cell) == (2, 0)


def test_a_cell_that_only_rejected_fields_show_is_rejected_with_them(slide):
    after = said(slide, review(1, 1, None, "reject"), review(2, 2, None, "reject"))
    assert groups(after)[1] == ["rejected", "rejected", "unclassified"]
    assert after.cells[0].review is None and after.cells[0].new_type is None
    assert after.after.rejected_cells == 2


def test_the_gallery_holds_each_cell_that_is_counted_and_no_other(slide):
    """Its groups add up to the counts."""
    after = said(slide, review(1, 1, None, "reject"), review(2, 2, 1, "type", "other"))
    for one in (slide, after):
        by_group = {}
        for shown in one.cells:
            by_group[shown.group] = by_group.get(shown.group, 0) + 1
        counts = one.after
        assert {k: v for k, v in by_group.items() if k not in ("rejected", "other")} == counts.cells
        assert by_group.get("rejected", 0) == counts.rejected_cells
        assert by_group.get("other", 0) == counts.nucleated_others


def test_a_cell_without_a_place_on_a_slide_is_itself(slide):
    plain = ReviewedSlide((field(1),), (cell(1, 0), replace(cell(1, 1), type="other")), ())
    assert groups(plain)[1] == ["blast", "other"] and plain.counted_sightings == {}
