import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing.interval import Interval
from timing.record import HIGHER, Figure, Record, read_figures

from leukoscope.errors import InputError

GOOD = {"value": 2.0, "low": 1.0, "high": 3.0, "n": 9, "unit": "ms", "better": "lower"}


def written(tmp_path):
    record = Record("some_tool", ["numpy"])
    record.add("a: ms", Interval(2.0, 1.5, 2.5, 9), "ms")
    record.add("b", Interval(3.0, 2.0, 4.0, 9), "x", HIGHER)
    record.details["case"] = {"size": "nano"}
    record.write(tmp_path / "deep" / "a.json")
    return tmp_path / "deep" / "a.json"


def test_what_is_written_is_read(tmp_path):
    path = written(tmp_path)
    tool, figures, whole = read_figures(path)
    assert tool == "some_tool"
    assert figures["a: ms"] == Figure(Interval(2.0, 1.5, 2.5, 9), "ms")
    assert figures["b"].better == HIGHER
    assert whole["machine"]["packages"]["numpy"]
    assert whole["details"] == {"case": {"size": "nano"}}


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Record("some_tool").write(None)
    assert list(tmp_path.iterdir()) == []


def test_nan_is_not_written(tmp_path):
    record = Record("some_tool")
    record.details["x"] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        record.write(tmp_path / "a.json")


def test_a_name_is_used_once():
    record = Record("some_tool")
    record.add("a", Interval(1, 1, 1, 1), "ms")
    with pytest.raises(AssertionError):
        record.add("a", Interval(1, 1, 1, 1), "ms")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": None}, "no value"),
        ({"value": "2"}, "no value"),
        ({"value": True}, "no value"),
        ({"low": 2.5}, "low <= value"),
        ({"high": float("nan")}, "low <= value"),
        ({"high": float("inf")}, "low <= value"),
        ({"low": 0, "value": 0}, "low <= value"),
        ({"low": -1.0}, "low <= value"),
        ({"better": "faster"}, "better"),
    ],
)
def test_a_figure_that_is_none_is_named(change, words):
    with pytest.raises(InputError, match=words) as caught:
        Figure.from_json({**GOOD, **change}, "a.json: x")
    assert "a.json: x" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "figures": {}}',
     '{"schema": 1, "figures": []}', '{"schema": 1, "figures": {"a": 3}}', "[" * 100_000, "\xff"],
)  # fmt: skip
def test_a_file_that_is_no_record_is_one_line(text, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError) as caught:
        read_figures(path)
    assert "\n" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), json_values))
def test_whatever_a_figure_says_it_is_read_or_refused(values):
    try:
        one = Figure.from_json({**GOOD, **values}, "here").interval
    except InputError:
        return
    assert 0 < one.low <= one.value <= one.high < float("inf")


def test_the_notice_marks_a_busy_machine(monkeypatch):
    record = Record("some_tool")
    monkeypatch.setattr(type(record.others), "share", lambda _: 0.5)
    assert "not to be trusted" in record.notice()
    assert record.to_json()["busy"] is True
    monkeypatch.setattr(type(record.others), "share", lambda _: 0.01)
    assert "not to be trusted" not in record.notice()
    assert json.loads(json.dumps(record.to_json()))["busy"] is False
