import re
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_made import about, fill, numbered
from parsed import Page
from slide_made import MODELS, painted

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide_report.gather import gather
from leukoscope.runtime.slide_report.page import SECTIONS, html

HOSTILE = "=<script>alert(1)</script>\u202egnp\n'\"&"


def hostile_slide(path):
    with open_journal(path, about(slide="</style><script>x()</script>", source=HOSTILE, device=HOSTILE, models=MODELS, stages=(HOSTILE, "Early"))) as journal:  # fmt: skip
        journal.note(HOSTILE)
        result = painted("Early", 1)
        frame = replace(result.frame, name=HOSTILE, source=HOSTILE)
        journal.write(replace(result, frame=frame, flags=(HOSTILE,)))
        journal.count_drops({HOSTILE: 3})
    with ReviewBook(path) as book:
        book.add(reviewer="<b>=1", field=1, cell=None, verdict="stage", value=HOSTILE)
    with read_journal(path) as reader:
        return gather(reader)


@pytest.fixture(scope="module", params=["plain", "reviewed", "empty", "hostile"])
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "slide.db"
    if request.param == "hostile":
        return html(hostile_slide(path))
    if request.param == "empty":
        fill(path, about(slide=""), 0)
        with read_journal(path) as reader:
            return html(gather(reader))
    name = {"plain": "slide", "reviewed": "reviewed_slide"}[request.param]
    return html(request.getfixturevalue(name))


def test_a_page_is_well_formed_and_has_every_section(page):
    read = Page(page)
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert [re.sub(r"^\d+\s", "", head) for head in heads] == [title for title, _ in SECTIONS]
    assert read.count("section") == len(SECTIONS) and page.startswith("<!doctype html>")


def test_a_page_loads_nothing_from_outside_and_runs_nothing(page):
    read = Page(page)
    assert "http:" not in page.lower() and "https:" not in page.lower()
    assert not {tag for tag, _ in read.tags} & {
        "script", "link", "iframe", "object", "embed", "a", "form", "base", "use", "image"
    }  # fmt: skip
    for tag, attributes in read.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("href", "srcset", "style"), (
                tag,
                name,
            )
            if name == "src":
                assert re.fullmatch(r"data:image/jpeg;base64,[A-Za-z0-9+/]+=*", value)
    sheet = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert len(sheet) == 1 and "url(" not in sheet[0] and "@import" not in sheet[0]
    policy = next(a["content"] for a in read.all("meta") if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'") and "script-src" not in policy


def test_a_page_says_research_use_only_above_below_and_on_every_printed_page(page):
    body = page.split("<body>")[1].split("</body>")[0]
    words = Page(f"<body>{body}</body>").text
    assert words.startswith("Research use only . Not a medical device.")
    assert "Research use only. Not a medical device. Written by Leukoscope" in words[-90:]
    margins = page[page.index("@page") :].split("}\n")[0]
    assert "research use only" in margins and "Research use only" in margins


def test_a_page_gives_no_grade_and_no_prognosis(page):
    words = Page(page).text.lower()
    assert "never averaged" in words and "nothing here is a diagnosis or a prognosis" in words
    for word in ("risk", "survival", "mean stage", "average stage"):
        assert word not in words


def test_no_page_says_nan_or_none_of_a_number(page):
    words = Page(re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", page)).text
    assert not re.search(r"\b(nan|inf|None|True|False)\b", words)
    coordinates = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|r|d|width|height)="([^"]*)"', page)
    assert not any("n" in value.lower() for value in coordinates)


def test_every_picture_and_drawing_is_told_in_words(page):
    assert all(one["alt"] for one in Page(page).all("img"))
    drawings = re.findall(r"<svg (.*?)><title>(.*?)</title>", page)
    assert len(drawings) == Page(page).count("svg") and all(title for _, title in drawings)


def test_hostile_names_are_shown_and_are_no_tags(tmp_path):
    page = html(hostile_slide(tmp_path / "slide.db"))
    assert "<script" not in page.lower() and "\u202e" not in page
    assert page.lower().count("</style") == 1
    text = Page(page).text
    assert "=<script>alert(1)</script>\ufffdgnp '\"&" in text and "<b>=1" in text


def test_the_same_journal_gives_the_same_bytes(reviewed_journal, reviewed_slide):
    with read_journal(reviewed_journal) as reader:
        assert html(gather(reader)).encode() == html(reviewed_slide).encode()


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_whatever_a_slide_is_called_the_page_holds(slide, name):
    read = Page(html(replace(slide, name=name, leading={}, flagged=())))
    assert read.count("section") == len(SECTIONS) and read.count("script") == 0
    html(replace(slide, name=name, leading={}, flagged=())).encode("utf-8")


def test_the_counts_stand_side_by_side_with_who_changed_what(reviewed_slide):
    text = Page(html(reviewed_slide)).text
    assert "Before and after" in text and "fields rejected 0 1 +1" in text
    assert "cells: monocyte" in text and "no longer holds" in text
    assert re.search(r"AB 4 1 3 3 \d{4}-", text), text
    assert re.search(r"CD 3 1 2 1 \d{4}-", text)


def test_pictures_of_leading_and_flagged_fields_are_shown_twice_each(slide):
    shown = [*slide.flagged, *(one for many in slide.leading.values() for one in many)]
    assert len(Page(html(slide)).all("img")) == 2 * len(shown)


def test_a_damaged_picture_is_named(tmp_path):
    path = tmp_path / "slide.db"
    with open_journal(path, about()) as journal:
        journal.write(numbered(0))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE pictures SET jpeg = ?", (b"\xff\xd8 no picture",))
    connection.close()
    from leukoscope.errors import InputError

    with read_journal(path) as reader, pytest.raises(InputError, match="picture of field 1"):
        gather(reader)
