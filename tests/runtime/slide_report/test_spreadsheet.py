import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.slide_report.columns import (
    INTEGER,
    MOMENT,
    REAL,
    TEXT,
    TRUTH,
    Column,
    cell_columns,
    field_columns,
)
from leukoscope.runtime.slide_report.spreadsheet import NOTICE_HEAD, csv_bytes, safe

SCRATCH = (
    Column("number", INTEGER, "", "", lambda row: row[0]),
    Column("share", REAL, "1", "", lambda row: row[1]),
    Column("counts", TRUTH, "", "", lambda row: row[2]),
    Column("name", TEXT, "", "", lambda row: row[3]),
    Column("at_utc", MOMENT, "", "", lambda row: row[4]),
)


def read(data: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_table_is_what_a_spreadsheet_wants():
    data = csv_bytes(SCRATCH, [(3, 0.25, True, 'a "b", c', 10**18), (-4, None, False, "-x", 0)])
    assert data == (
        b"\xef\xbb\xbfnumber,share,counts,name,at_utc,notice: research use only\r\n"
        b'3,0.25,1,"a ""b"", c",2001-09-09T01:46:40.000Z,research use only\r\n'
        b"-4,,0,'-x,1970-01-01T00:00:00.000Z,research use only\r\n"
    )


def test_an_empty_table_carries_the_notice_too():
    assert csv_bytes(SCRATCH, []).endswith(b"at_utc,notice: research use only\r\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), None])
def test_what_is_undefined_is_empty(value):
    assert read(csv_bytes(SCRATCH, [(1, value, True, "a", 0)]))[0]["share"] == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "\uff1d1", "=cmd|' /C calc'!A0"]
)
def test_a_text_that_would_be_computed_is_none(text):
    assert safe(text)[0] not in "=+-@\t\uff1d" and safe(text).lstrip("'\ufffd ") == text.strip(
        "\t "
    )


def test_a_formula_behind_spaces_is_guarded_too():
    assert safe(" =1+1") == "' =1+1" and safe("a=1") == "a=1" and safe(" ") == " "


def test_names_are_told_on_one_line_without_marks_that_turn_the_text():
    assert safe("a\nb\r\x00\u202ec d\u00a0e") == "a\ufffdb\ufffd\ufffd\ufffdc d\u00a0e"
    assert safe("smear 3.png") == "smear 3.png" and safe("") == ""


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats() | st.none(), st.booleans(), st.text(), st.integers(-(2**63), 2**63 - 1))))  # fmt: skip
def test_every_row_is_one_line_and_comes_back(rows):
    data = csv_bytes(SCRATCH, rows)
    assert data.count(b"\r\n") == data.count(b"\n") == len(rows) + 1
    back = read(data)
    assert [int(one["number"]) for one in back] == [row[0] for row in rows]
    assert all(one[NOTICE_HEAD] == "research use only" for one in back)
    assert all(one["name"][:1] not in set("=+-@") for one in back)


def test_columns_add_up_to_the_page_s_figures(reviewed_slide):
    slide = reviewed_slide
    fields = read(csv_bytes(field_columns(slide), slide.fields))
    cells = read(csv_bytes(cell_columns(slide), slide.cells))
    for prefix, judged in (("machine", slide.machine), ("after_review", slide.reviewed)):
        assert sum(int(one[f"{prefix}_counts"]) for one in fields) == judged.stages.total
        assert sum(int(one[f"{prefix}_white_cell"]) for one in cells) == judged.cells.total
        for part in judged.cells.parts:
            assert sum(one[f"{prefix}_counted_as"] == part.name for one in cells) == part.count
    for part in slide.reviewed.stages.parts:
        assert sum(one["after_review_stage"] == part.name for one in fields) == part.count


def test_machine_and_person_are_in_columns_apart(reviewed_slide):
    fields = read(csv_bytes(field_columns(reviewed_slide), reviewed_slide.fields))
    second = fields[1]
    assert second["machine_stage"] in ("Early", "Pre") and second["reviewer_stage"] == "Pro"
    assert (second["reviewer"], second["reviewer_verdict"]) == ("AB", "stage")
    assert second["reviewed_at_utc"].endswith("Z") and fields[4]["reviewer"] == ""
    cells = read(csv_bytes(cell_columns(reviewed_slide), reviewed_slide.cells))
    first = next(one for one in cells if one["field"] == "4" and one["cell"] == "0")
    assert first["reviewer_type"] == "monocyte" != first["machine_type"]
