"""A source that is lost, a program that is slow, silent, or gone: the page says so and goes on."""

import re

import pytest
from playwright.sync_api import expect


def test_a_lost_source_is_a_large_tile_with_its_reason(fake, live):
    fake.change(source={"state": "lost", "detail": "no frame for 10 s", "since_ms": 65_000})
    expect(live.locator("#offline")).to_be_visible()
    expect(live.locator("#offline-word")).to_have_text("OFFLINE")
    expect(live.locator("#offline-why")).to_have_text("no frame for 10 s")
    expect(live.locator("#offline-since")).to_have_text("for 1 min")
    expect(live.locator("#standing")).to_have_text("Offline")
    size = live.locator("#offline-word").evaluate(
        "one => parseFloat(getComputedStyle(one).fontSize)"
    )
    assert size >= 36
    fake.change(source={"state": "live"})
    expect(live.locator("#offline")).to_be_hidden()


@pytest.mark.parametrize("how", ["closes the line", "answers 500", "answers too late"])
def test_no_answer_is_said_and_the_page_goes_on_when_there_is_one(fake, visit, how):
    visit.may_fail = True
    page = visit.live()
    if how == "answers too late":
        fake.delays_s["/state"] = 6
    else:
        fake.broken["/state"] = 0 if how == "closes the line" else 500
    expect(page.locator("#offline-word")).to_have_text("NO ANSWER", timeout=10_000)
    expect(page.locator("#offline-since")).to_have_text(re.compile(r"for \d+ s"))
    assert page.locator("#pause").is_disabled()
    fake.delays_s.clear()
    fake.broken.clear()
    fake.next_field(stage="Pro")
    expect(page.locator("#offline")).to_be_hidden(timeout=15_000)
    expect(page.locator("#stage")).to_have_text("Pro")
    assert page.locator("#pause").is_enabled()


def test_slow_answers_are_said_while_they_are_awaited(fake, live):
    fake.delays_s["/state"] = 3.4
    expect(live.locator("#offline-word")).to_have_text("NO ANSWER")
    expect(live.locator("#standing")).to_have_text("Live")


def test_a_source_that_is_lost_during_a_pause_is_said(fake, live):
    fake.change(run={"state": "paused"}, source={"state": "lost", "detail": "unplugged"})
    expect(live.locator("#offline-why")).to_have_text("unplugged")


def test_a_key_that_no_longer_holds(fake, visit):
    visit.may_fail = True
    page = visit.live()
    fake.broken["/state"] = 403
    expect(page.locator("#offline-why")).to_contain_text(
        "open the address that the program has printed"
    )


@pytest.mark.parametrize("what", ["picture.jpg", "mask.png", "heat"])
def test_a_picture_that_breaks_off_blocks_nothing(fake, visit, what):
    visit.may_fail = True
    page = visit.live()
    fake.broken[f"/field/2/{what}"] = 0
    fake.next_field(stage="Pre")
    expect(page.locator("#stage")).to_have_text("Pre")
    if what == "picture.jpg":
        expect(page.locator("#waiting")).to_have_text("This field's picture did not come")
    if what == "heat":
        expect(page.locator("#legend-words")).to_have_text("This field has no such map")
    fake.next_field(stage="Pro")
    expect(page.locator("#stage")).to_have_text("Pro")
    expect(page.locator("#waiting")).to_have_text("")


def test_a_picture_that_never_comes_is_given_up(fake, visit):
    visit.may_fail = True
    page = visit.live()
    fake.delays_s["/field/2/"] = 60
    with page.expect_request("**/field/2/picture.jpg"):
        fake.next_field(stage="Pre")
    fake.next_field(stage="Pro")
    expect(page.locator("#stage")).to_have_text("Pro", timeout=30_000)
    expect(page.locator("#waiting")).to_have_text("")


def test_fields_that_come_faster_than_pictures_are_left_out_and_some_are_shown(fake, live):
    """The one under way is not given up for a newer one, or a slow line would never see any."""
    fake.delays_s["/field/"] = 0.4
    for _ in range(20):
        fake.next_field()
        live.wait_for_timeout(50)
    fake.next_field(stage="Pro")
    expect(live.locator("#stage")).to_have_text("Pro")
    pictures = [path for path in fake.asked if path.endswith("picture.jpg")]
    assert 3 <= len(pictures) <= 12
    assert pictures[-1] == "/field/22/picture.jpg"


def test_a_run_that_failed_says_why_and_keeps_saying_it(fake, visit):
    visit.may_fail = True
    page = visit.live()
    fake.change(run={"state": "failed", "message": "no space left"})
    expect(page.locator("#offline-word")).to_have_text("FAILED")
    expect(page.locator("#offline-why")).to_have_text("The run has failed: no space left")
    fake.broken["/"] = 0
    page.wait_for_timeout(3500)
    expect(page.locator("#offline-word")).to_have_text("FAILED")
