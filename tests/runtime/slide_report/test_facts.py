import json
import math
import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from journal_made import about, fill
from rows_made import session

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.slide_report.facts import finite, to_json
from leukoscope.runtime.slide_report.gather import gather

DOCS = (Path(__file__).parents[3] / "docs" / "report-json.md").read_text(encoding="utf-8")
BY_NAME = ("counts", "shares", "intervals", "drops", "skipped_stops", "models")
"""Objects whose keys are classes or causes."""


def keys_of(value, prefix=""):
    if isinstance(value, dict):
        for key, one in value.items():
            yield f"{prefix}{key}"
            if key not in BY_NAME:
                yield from keys_of(one, f"{prefix}{key}.")
    elif isinstance(value, list):
        for one in value:
            yield from keys_of(one, prefix)


def test_every_key_is_told_on_its_page(reviewed_slide):
    told = set(re.findall(r"`([a-z_0-9]+)`", DOCS))
    keys = {key.split(".")[-1] for key in keys_of(to_json(reviewed_slide))}
    assert keys - told == set()


def test_the_keys_are_the_same_for_every_journal(reviewed_slide, slide, tmp_path):
    fill(tmp_path / "slide.db", about(stages=(), cell_types=()), 0)
    with read_journal(tmp_path / "slide.db") as reader:
        empty = to_json(gather(reader))
    full = to_json(reviewed_slide)
    assert set(empty) == set(full) == set(to_json(slide))
    assert set(keys_of(empty["machine"])) == set(keys_of(full["reviewed"]))
    assert empty["reviewed"] is None and empty["basis"] == "machine" and full["basis"] == "reviewed"


def test_figures_are_those_of_the_slide(reviewed_slide):
    value = json.loads(json.dumps(to_json(reviewed_slide), allow_nan=False))
    assert value["schema"] == 1 and value["notice"] == "research use only"
    after = value["reviewed"]
    checks = {one["name"]: one["found"] for one in value["machine"]["conclusion"]["checks"]}
    assert checks["fields"] == 36 and type(checks["fields"]) is int and checks["finished"] is True
    assert after["stages"]["counts"]["Pro"] == 1 and after["fields"]["rejected"] == 1
    fields = after["fields"]
    assert (
        fields["judged"]
        == 40
        == sum(fields[key] for key in ("counted", "flagged", "rejected", "without_stage"))
    )
    assert sum(after["differential"]["counts"].values()) == after["differential"]["total"]
    assert [one["stands"] for one in value["reviews"]] == [
        line.stands for line in reviewed_slide.reviews
    ]


def test_models_of_a_foreign_journal_hold_no_nan(slide):
    strange = replace(slide, sessions=(session(models={"networks": {"a": [math.nan, 1.5]}}),))
    (told,) = json.loads(json.dumps(to_json(strange), allow_nan=False))["sessions"]
    assert told["models"] == {"networks": {"a": [None, 1.5]}}


@given(st.recursive(st.floats() | st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_what_is_not_finite_is_null(value):
    back = json.loads(json.dumps(finite(value), allow_nan=False))
    if isinstance(value, float):
        assert back is None if not math.isfinite(value) else back == value
