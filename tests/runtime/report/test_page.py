import re
from dataclasses import replace

import pytest
import study_made as made
from hypothesis import given, settings
from hypothesis import strategies as st
from parsed import Page

from leukoscope.runtime.report.page import SECTIONS, html
from leukoscope.runtime.report.style import CSS

STUDIES = {
    "full": made.study,
    "nothing": made.nothing,
    "hostile": made.hostile,
    "no masks": lambda: made.study(made.network(made.judged(masked=False, network="xincept_all"))),
    "no labels": lambda: made.study(made.network(made.judged(labelled=False))),
    "no gate": lambda: made.study(made.network(with_gate=False)),
    "one image": lambda: made.study(made.network(made.judged(1))),
    "no image": lambda: made.study(made.network(made.judged(0))),
    "two networks": lambda: made.study(
        made.network(), made.network(made.judged(masked=False, network="xincept_all"))
    ),
}


@pytest.fixture(params=STUDIES)
def page(request) -> str:
    return html(STUDIES[request.param]())


def test_a_page_is_well_formed_and_has_every_section(page):
    read = Page(page)
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert [re.sub(r"^\d+\s", "", head) for head in heads] == [title for title, _ in SECTIONS]
    assert read.count("section") == len(SECTIONS)
    assert page.startswith("<!doctype html>")


def test_a_page_loads_nothing_from_outside_and_runs_nothing(page):
    read = Page(page)
    assert "http:" not in page.lower() and "https:" not in page.lower()
    assert not {tag for tag, _ in read.tags} & {
        "script", "link", "iframe", "object", "embed", "a", "form", "base", "use", "image"
    }  # fmt: skip
    for tag, attributes in read.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("href", "srcset", "style"), (tag, name)
            if name == "src":
                assert re.fullmatch(r"data:image/jpeg;base64,[A-Za-z0-9+/]+=*", value)
    assert "url(" not in CSS and "@import" not in CSS
    policy = next(a["content"] for a in read.all("meta") if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'") and "img-src data:" in policy


def test_a_page_says_research_use_only_above_everything(page):
    body = page.split("<body>")[1]
    words = Page(f"<body>{body.split('</body>')[0]}</body>").text
    assert words.startswith("Research use only . Not a medical device.")
    assert words.endswith("Made by Leukoscope 0.1.0.")


def test_no_page_says_nan_or_none(page):
    words = Page(re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", page)).text
    assert not re.search(r"\b(nan|inf|None|True|False)\b", words)
    coordinates = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|r|d|width|height)="([^"]*)"', page)
    assert not any("n" in value.lower() for value in coordinates)


def test_the_same_study_gives_the_same_bytes():
    assert html(made.study()).encode() == html(made.study()).encode()


def test_hostile_names_are_shown_and_are_no_tags():
    page = html(made.hostile())
    assert "<script" not in page.lower() and "\u202e" not in page and "\x00" not in page
    page.encode("utf-8")
    read = Page(page)
    assert '<script>alert("x")</script>\'&\ufffdexe.\ufffd\ufffd.jpg' in read.text
    assert read.count("script") == 0


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_whatever_a_bundle_is_called_the_page_holds(name):
    page = html(replace(made.nothing(), bundle=name, data=(name,), notes=(name,)))
    read = Page(page)
    assert read.count("section") == len(SECTIONS) and read.count("script") == 0
    page.encode("utf-8")


def test_pictures_are_those_of_the_examples():
    sources = [one["src"] for one in Page(html(made.study())).all("img")]
    assert len(sources) == 6 and len(set(sources)) == 3


def test_every_drawing_has_a_title_and_a_size_of_its_own():
    page = html(made.study())
    drawings = re.findall(r"<svg (.*?)><title>(.*?)</title>", page)
    assert len(drawings) == Page(page).count("svg") >= 6
    assert all('viewBox="0 0 ' in head and title for head, title in drawings)
