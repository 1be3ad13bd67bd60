"""Usable by everybody: axe, contrast, size of what is touched, the keyboard alone, little motion."""

import pytest
from playwright.sync_api import expect
from visitor import LARGE, SMALL

TOUCH_PX = 44
TARGETS = """() => [...document.querySelectorAll('button, select, a, input, [role=option]')]
  .filter(one => one.checkVisibility({ checkVisibilityCSS: true }) && !one.matches('.skip'))
  .map(one => { const box = (one.closest('label') ?? one).getBoundingClientRect();
                return [one.id || one.textContent.trim(), box.width, box.height]; })
  .filter(([, width, height]) => Math.min(width, height) < %d)"""
SCROLLED = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
DIALOGS = ["end-dialog", "close-dialog", "initials-dialog", "help-dialog"]
FOCUSED = "document.activeElement.id || document.activeElement.dataset.word || document.activeElement.tagName"


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    return [(one["id"], node["html"][:120], node["failureSummary"]) for one in found.response["violations"] for node in one["nodes"]]  # fmt: skip


@pytest.fixture(params=[SMALL, LARGE], ids=["800x480", "1920x1080"])
def size(request):
    return request.param


def test_live_by_axe_in_every_state(fake, visit, size):
    page = visit.live(size)
    assert violations(page) == []
    fake.change(source={"state": "lost", "detail": "1"})
    expect(page.locator("#offline")).to_be_visible()
    page.click("#snapshot")
    expect(page.locator("#toast")).to_be_visible()
    assert violations(page) == []
    fake.change(source={"state": "live"}, run={"state": "paused"})
    fake.next_field(flags=["low_probability"])
    expect(page.locator("#flags")).to_have_text("low probability")
    assert violations(page) == []


def test_review_by_axe(visit, size):
    page = visit.review(size)
    for key in ("3", "ArrowRight", "x"):
        page.keyboard.press(key)
    expect(page.locator("#item-reviewer")).to_have_text("AB: rejected")
    assert violations(page) == []
    page.click("#kind-fields")
    expect(page.locator("#item-name")).to_contain_text("Field 1")
    assert violations(page) == []
    page.click("#enlarge")
    assert violations(page) == []


@pytest.mark.parametrize("dialog", DIALOGS)
def test_dialogs_by_axe(visit, dialog):
    page = visit.live(has_touch=True)
    page.evaluate("id => document.getElementById(id).showModal()", dialog)
    assert violations(page) == []
    assert page.evaluate(TARGETS % TOUCH_PX) == []


def test_whatever_is_touched_is_large_enough_and_nothing_is_cut_off(fake, visit, size):
    fake.change(run={"state": "ended", "reviewable": False})
    page = visit.live(size, has_touch=True)
    page.click("#snapshot")
    expect(page.locator("#toast")).to_be_visible()
    assert page.evaluate(TARGETS % TOUCH_PX) == []
    assert page.evaluate(SCROLLED) == [0, 0]
    fake.change(run={"state": "running", "reviewable": True})
    page = visit.review(size, has_touch=True)
    assert page.evaluate(TARGETS % TOUCH_PX) == []
    assert page.evaluate(SCROLLED) == [0, 0]


def test_a_small_screen_shows_verdicts_and_notice_without_scrolling(visit):
    for kind in ("cells", "fields"):
        page = visit.review()
        page.click(f"#kind-{kind}")
        for what in ("#accept", "#withdraw", "header .notice", "#item-reviewer"):
            box = page.locator(what).bounding_box()
            assert box["y"] + box["height"] <= SMALL["height"], (kind, what)
        assert page.eval_on_selector("#item", "one => one.scrollHeight <= one.clientHeight"), kind


def test_the_notice_is_always_in_sight(visit, size):
    page = visit.live(size)
    expect(page.locator("header .notice")).to_be_in_viewport()
    page.click("#to-review")
    page.keyboard.press("Escape")
    expect(page.locator("header .notice")).to_be_in_viewport()
    assert page.locator("header .notice").inner_text() == "Research use only"


def test_a_narrow_or_enlarged_page_still_reads(visit):
    """WCAG 1.4.10: at 320 px, as at 400 % of 1280, nothing has to be scrolled sideways."""
    page = visit.live({"width": 320, "height": 640})
    assert page.evaluate(SCROLLED)[0] <= 0
    expect(page.locator("#end")).to_be_attached()


def test_the_keyboard_alone_reaches_everything_on_the_live_page(live):
    live.keyboard.press("Tab")
    assert live.evaluate(FOCUSED) == "skip"
    expect(live.locator(".skip")).to_be_in_viewport()
    reached = []
    while len(reached) < 30:
        live.keyboard.press("Tab")
        reached.append(live.evaluate(FOCUSED))
        if reached[-1] == "BODY":
            break
        outline = live.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]
    for wanted in (
        "to-live",
        "to-review",
        "help",
        "outlines",
        "map",
        "map-class",
        "opacity",
        "pause",
        "snapshot",
        "end",
    ):
        assert wanted in reached


def test_the_skip_link_leads_to_the_content_and_stays_on_the_page(review):
    review.focus(".skip")
    review.keyboard.press("Enter")
    assert review.evaluate(FOCUSED) == "main"
    expect(review.locator("#review")).to_be_visible()


def test_tabs_are_moved_by_arrows_and_only_one_is_a_stop(review):
    assert review.locator("#groups [tabindex='0']").count() == 1
    review.focus("#groups [aria-selected=true]")
    review.keyboard.press("End")
    expect(review.locator("#groups [aria-selected=true]")).to_have_text("rejected 0")
    expect(review.locator("#empty")).to_have_text("Nothing here")
    review.keyboard.press("ArrowRight")
    expect(review.locator("#groups [aria-selected=true]")).to_have_text("neutrophil 0")


def test_little_motion_for_those_who_wish_it(visit):
    page = visit.live(reduced_motion="reduce")
    assert page.eval_on_selector(".length", "one => getComputedStyle(one).transitionDuration") in (
        "0s",
        "",
    )
