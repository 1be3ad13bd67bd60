"""The page under a catalogue of a tongue of its own shows no word that is not of that tongue."""

import json
import re
import string

import pytest
from playwright.sync_api import expect

from leukoscope.runtime.viewer.words import PAGE

CATALOGUE = json.loads((PAGE / "words.json").read_text("utf-8"))
KEYS = re.compile(r"key_(?!name_)|keys_choices|language|initials_letters")
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in string.ascii_letters}


def foreign(text):
    """The same in other letters, but for what is filled in."""
    return "".join(
        one if one.startswith("{") else one.translate(WIDE) for one in re.split(r"(\{\w+\})", text)
    )


PSEUDO = {key: text if KEYS.match(key) else foreign(text) for key, text in CATALOGUE.items()}
SHOWN = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) texts.push(walk.currentNode.data);
  for (const element of document.querySelectorAll('*'))
    for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
      if (element.getAttribute(name)) texts.push(element.getAttribute(name));
  return [...texts, document.title];
}"""
INITIALS = "AB"


def strangers(page):
    """Texts in our own letters: they came from somewhere else than the catalogue."""
    return [
        text
        for text in page.evaluate(SHOWN)
        if re.search(r"[A-Za-z]{2,}", text.replace(INITIALS, ""))
    ]


@pytest.fixture
def translated(fake):
    """The catalogue in letters of its own."""
    fake.replaced["/words.json"] = json.dumps(PSEUDO).encode()


def test_the_live_page_shows_nothing_else(translated, fake, visit):
    page = visit.live()
    assert page.title() == foreign("Leukoscope viewer")
    fake.next_field(flags=["low_probability"], head_stage="Pre", stage=None, voter=None)
    expect(page.locator("#stage")).to_have_text(foreign("No stage"))
    fake.next_field(
        flags=["voters_disagree"], head_stage="Pre", stage="Early", voter="trees", method="trees"
    )
    expect(page.locator("#flags")).to_have_text(foreign("voters disagree"))
    page.select_option("#map", "trees")
    expect(page.locator("#legend-words")).to_contain_text("2.31")
    fake.change(source={"state": "lost", "detail": "7"})
    expect(page.locator("#offline")).to_be_visible()
    page.click("#snapshot")
    expect(page.locator("#toast")).to_be_visible()
    assert strangers(page) == []


def test_the_review_shows_nothing_else(translated, visit):
    page = visit.review()
    page.keyboard.press("3")
    expect(page.locator("#item-reviewer")).to_have_text(f"AB: {foreign('basophil')}")
    page.click("#kind-fields")
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert strangers(page) == []
