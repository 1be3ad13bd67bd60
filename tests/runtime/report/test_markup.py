import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed import Page

from leukoscope.runtime.report.markup import Markup, coordinate, element, joined, short, shown


@given(st.text(), st.text())
def test_whatever_a_text_holds_it_stays_a_text(text, value):
    page = element("p", text, element("b", text), title=value)
    read = Page(page)
    assert [tag for tag, _ in read.tags] == ["p", "b"]
    assert read.tags[0][1] == {"title": shown(value)}
    assert "".join(read.words) == shown(text) * 2


def test_attributes_are_named_as_in_html():
    assert (
        element("path", class_="a", stroke_width=2, d=None) == '<path class="a" stroke-width="2"/>'
    )
    assert element("i") == "<i></i>"


def test_children_may_be_nested_and_none_is_nothing():
    assert joined("a", None, ["b", [Markup("<br/>")], 3]) == "ab<br/>3"


@pytest.mark.parametrize(
    ("text", "seen"),
    [("a\u202eb", "a\ufffdb"), ("a\x07", "a\ufffd"), ("\udcff", "\ufffd"), ("\u200b", "\ufffd"),
     ("é ü\u00a0\u202f\n", "é ü\u00a0\u202f\n")],
)  # fmt: skip
def test_what_could_hide_or_turn_text_is_marked(text, seen):
    assert shown(text) == seen


def test_long_names_keep_both_ends():
    name = "a" * 90 + "middle" + "z" * 90
    assert short(name).startswith("aaaa") and short(name).endswith("zzz")
    assert len(short(name)) <= 110 and "\u2026" in short(name)
    assert short("b" * 110) == "b" * 110


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.125, "0.12"), (-0.001, "0"), (10, "10")]
)
def test_coordinates_are_short(value, text):
    assert coordinate(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_coordinate_is_undefined(value):
    with pytest.raises(ValueError, match="coordinate"):
        element("rect", x=value)
