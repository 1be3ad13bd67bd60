import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_made import about, numbered
from slide_made import MODELS, painted, write_slide

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide_report.columns import cell_columns, field_columns
from leukoscope.runtime.slide_report.contents import CRASHED, EMPTY, RUNNING
from leukoscope.runtime.slide_report.facts import to_json
from leukoscope.runtime.slide_report.gather import gather
from leukoscope.runtime.slide_report.page import html
from leukoscope.runtime.slide_report.spreadsheet import csv_bytes


def gathered(path: Path, **how):
    with read_journal(path) as reader:
        return gather(reader, **how)


def test_the_machine_s_figures_are_those_of_the_journal_s_summary(journal, slide):
    with read_journal(journal) as reader:
        summary = reader.summary()
    assert len(slide.fields) == summary.fields == 40
    counted = {name: one.unflagged for name, one in summary.stages.items() if one.unflagged}
    assert slide.machine.counts.stages == counted
    white = {name: n for name, n in summary.cells.items() if name != "other"}
    assert slide.machine.counts.cells == white
    assert slide.reviewed is None and slide.standing is slide.machine
    assert slide.drops == summary.drops and slide.state == "done"


def test_review_stands_beside_the_machine(slide, reviewed_slide):
    assert reviewed_slide.machine.counts == slide.machine.counts
    after = reviewed_slide.reviewed.counts
    assert after.rejected == 1 and after.stages["Pro"] == 1
    assert after.flagged == slide.machine.counts.flagged - 1
    lines = {line.review.id: line for line in reviewed_slide.reviews}
    assert [lines[i].stands for i in range(1, 8)] == [True, True, False, False, True, True, True]
    assert lines[2].machine in ("Early", "Pre") and lines[2].subject.endswith("_1")
    assert lines[6].machine in slide.cell_types


def test_leading_fields_count_for_their_stage_the_surest_first(slide):
    for stage, shown in slide.leading.items():
        sure = [one.field.row.probability for one in shown]
        assert sure == sorted(sure, reverse=True)
        assert all(one.field.machine == stage and one.outlined for one in shown)
    assert len(slide.leading["Early"]) == 6 and slide.leading["Benign"] == ()
    assert len(slide.flagged) == 4 and all(one.field.row.flags for one in slide.flagged)


def test_a_named_stage_moves_a_field_to_its_gallery(reviewed_slide):
    (only,) = reviewed_slide.leading["Pro"]
    assert only.field.row.id == 2 and only.field.row.stage != "Pro"


def test_without_pictures_none_is_made(journal):
    slide = gathered(journal, pictures=False)
    assert slide.leading == {} and slide.flagged == ()


def test_an_empty_journal_says_so(tmp_path):
    path = tmp_path / "slide.db"
    with open_journal(path, about(models=MODELS)):
        pass
    slide = gathered(path)
    assert slide.state == EMPTY and slide.machine.conclusion.stage is None
    assert "The journal holds no field" in html(slide)


def test_a_journal_that_is_being_written_comes_to_no_conclusion(tmp_path):
    path = tmp_path / "slide.db"
    with open_journal(path, about(models=MODELS)) as journal:
        for index in range(30):
            journal.write(numbered(index))
        slide = gathered(path)
    assert slide.state == RUNNING
    assert [check.name for check in slide.machine.conclusion.failed] == ["finished"]
    assert "still being written" in html(slide)
    assert gathered(path).machine.conclusion.stage == "Early"


def test_a_session_that_crashed_is_told(tmp_path):
    path = tmp_path / "slide.db"
    write_slide(path, 6)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE sessions SET ending = NULL, ended_tick_ns = NULL")
    connection.close()
    slide = gathered(path)
    assert slide.state == CRASHED and slide.crashed == (1,)
    assert "Session 1 crashed: " in html(slide)


@pytest.mark.parametrize(
    "network", [{"trained": False}, {"trained": True, "gate": {"outcome": "failed"}}]
)
def test_a_network_that_is_untrained_or_failed_comes_to_no_conclusion(tmp_path, network):
    path = tmp_path / "slide.db"
    write_slide(
        path, 30, stages=("Early",), said=about(models={"networks": {"xincept_all": network}})
    )
    found = gathered(path).machine.conclusion
    assert found.stage is None and "network" in [check.name for check in found.failed]


@pytest.mark.parametrize("models", [{}, {"networks": 3}, {"networks": {"xincept_all": [1]}}])
def test_models_that_are_not_on_record_are_no_reason(tmp_path, models):
    path = tmp_path / "slide.db"
    write_slide(path, 40, stages=("Early",), said=about(models=models))
    slide = gathered(path)
    assert slide.machine.conclusion.stage == "Early" and html(slide)


def test_fields_of_a_bundle_without_stages_have_cells_and_no_conclusion(tmp_path):
    path = tmp_path / "slide.db"
    with open_journal(path, about(stages=())) as journal:
        for index in range(3):
            result = painted("Early", index)
            journal.write(replace(result, vote=None, evidence=None, readings={}))
    slide = gathered(path)
    assert slide.machine.cells.total > 0 and slide.machine.conclusion.leading is None
    assert "No stage was judged" in html(slide)


def whole_journal() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        write_slide(path, 8, pictures=1, stages=("Early",))
        return path.read_bytes()


WHOLE = whole_journal()
flips = st.lists(
    st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1, max_size=6
)


@settings(max_examples=60)
@given(flips)
def test_a_damaged_journal_is_refused_in_one_line_or_told(flipped):
    data = bytearray(WHOLE)
    for at, by in flipped:
        data[at] ^= by
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        path.write_bytes(data)
        _told_or_refused(path)


VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.none(),
)
COLUMNS = {
    "fields": ("stage", "probability", "probabilities", "flags", "width_px", "captured_tick_ns", "island", "joined"),
    "sessions": ("models", "stages", "cell_types", "began_tick_ns", "ended_tick_ns", "began_wall_ns", "device"),
    "cells": ("type", "probability", "nc_ratio", "area_um2", "x_px", "slide_number", "probabilities"),
    "maps": ("classes", "rows", "placement", "steps", "grid"),
    "pictures": ("jpeg", "mask"),
    "events": ("at_tick_ns", "state", "detail"),
    "drops": ("cause", "count"),
}  # fmt: skip
PLACES = [(table, column) for table, columns in COLUMNS.items() for column in columns]
JSON = st.sampled_from(
    [
        '{"a": NaN}',
        '{"Early": 1e999}',
        "[]",
        "[1]",
        '["Early"]',
        "[" * 2000,
        '{"networks": []}',
        "null",
        "7",
    ]
)


@settings(max_examples=150)
@given(st.sampled_from(PLACES), st.one_of(VALUES, JSON))
def test_a_journal_with_any_value_in_a_column_is_refused_in_one_line_or_told(place, value):
    table, column = place
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.db"
        path.write_bytes(WHOLE)
        connection = sqlite3.connect(path)
        try:
            with connection:
                connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
        except (sqlite3.IntegrityError, UnicodeEncodeError):
            return
        finally:
            connection.close()
        _told_or_refused(path)


def _told_or_refused(path: Path) -> None:
    import json

    try:
        slide = gathered(path)
    except InputError as error:
        assert "\n" not in str(error)
        return
    html(slide).encode("utf-8", "replace")
    json.dumps(to_json(slide), allow_nan=False)
    csv_bytes(field_columns(slide), slide.fields)
    csv_bytes(cell_columns(slide), slide.cells)
