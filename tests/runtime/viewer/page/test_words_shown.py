"""The page under a catalogue of a tongue of its own shows no word that is not of that tongue."""

import json
import re

import pytest
from playwright.sync_api import expect

from leukoscope.runtime.viewer.words import PAGE

CATALOGUE = json.loads((PAGE / "words.json").read_text("utf-8"))
KEYS = re.compile(r"key_(?!name_)|keys_choices|language|initials_letters")
PSEUDO = {key: text if KEYS.match(key) else f"⟦{text}⟧" for key, text in CATALOGUE.items()}
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
    """Texts with letters outside the marks of the catalogue: they came from somewhere else."""
    found = []
    for text in page.evaluate(SHOWN):
        bare, inside = text, None
        while bare != inside:
            inside, bare = bare, re.sub(r"⟦[^⟦⟧]*⟧", "", bare)
        if re.search(r"[^\W\d_]{2,}", bare.replace(INITIALS, "")):
            found.append(text)
    return found


@pytest.fixture
def translated(fake):
    """The catalogue in a tongue of its own: every word in brackets, and stages that nobody has named."""
    fake.replaced["/words.json"] = json.dumps(PSEUDO).encode()


def test_the_live_page_shows_nothing_else(translated, fake, visit):
    page = visit.live()
    assert page.title() == "⟦Leukoscope viewer⟧"
    fake.next_field(flags=["low_probability"], head_stage="Pre", stage=None, voter=None)
    expect(page.locator("#stage")).to_have_text("⟦No stage⟧")
    fake.next_field(
        flags=["voters_disagree"], head_stage="Pre", stage="Early", voter="trees", method="trees"
    )
    expect(page.locator("#flags")).to_have_text("⟦voters disagree⟧")
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
    expect(page.locator("#item-reviewer")).to_have_text("⟦AB: ⟦basophil⟧⟧")
    page.click("#kind-fields")
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert strangers(page) == []
