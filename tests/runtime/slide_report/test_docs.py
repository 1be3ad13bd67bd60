"""The page on the report says what the code does."""

from pathlib import Path

from leukoscope.runtime.slide_report.chosen import FLAGGED, LEADING
from leukoscope.runtime.slide_report.columns import cell_columns, field_columns
from leukoscope.runtime.slide_report.groups import LEAST_ISLANDS, SHORTEST_BLOCK
from leukoscope.runtime.slide_report.page import SECTIONS
from leukoscope.runtime.slide_report.rule import (
    LEAST_FIELDS,
    LEAST_GROUPS,
    LEAST_LOW_END,
    MOST_LEFT_OUT,
)
from leukoscope.runtime.slide_report.sections.flagged import ROWS_SHOWN
from leukoscope.runtime.slide_report.sections.review import LINES_SHOWN
from leukoscope.runtime.slide_report.sections.timeline import STRIPS_SHOWN
from leukoscope.runtime.slide_report.strips import REST_S

DOCS = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")


def test_every_section_is_told():
    for number, (title, _) in enumerate(SECTIONS, start=1):
        assert f"| {number} {title} |" in DOCS


def test_limits_are_those_of_the_code():
    assert f"at least {LEAST_FIELDS} fields count, of at least {LEAST_GROUPS} groups" in DOCS
    assert (MOST_LEFT_OUT, LEAST_LOW_END) == (1 / 3, 0.5)
    assert "at most a third of all fields" in DOCS and "wholly above one half" in DOCS
    assert (LEADING, FLAGGED, LEAST_ISLANDS, SHORTEST_BLOCK) == (6, 8, 5, 5)
    assert f"({LINES_SHOWN} at most)" in DOCS and f"({ROWS_SHOWN} at most)" in DOCS
    assert STRIPS_SHOWN == 12 and f"rests of {REST_S:.0f} s" in DOCS


def test_columns_that_are_named_there_are_there(slide):
    names = {one.name for one in (*field_columns(slide), *cell_columns(slide))}
    for name in ("area_um2", "frame_age_ms", "machine_counts", "machine_white_cell", "after_review_counts", "after_review_white_cell", "machine_counted_as", "after_review_counted_as", "reviewer", "reviewer_verdict", "reviewer_stage", "reviewer_type", "reviewed_at_utc"):  # fmt: skip
        assert f"`{name}`" in DOCS and name in names
