"""Pause, snapshot, end, close."""

import pytest
from playwright.sync_api import expect


def controls(fake):
    return [said["action"] for path, said in fake.posted if path == "/control"]


def test_pause_and_resume(fake, live):
    live.click("#pause")
    expect(live.locator("#pause")).to_have_text("Resume")
    expect(live.locator("#standing")).to_have_text("Paused")
    expect(live.locator("#paused")).to_be_visible()
    live.click("#pause")
    expect(live.locator("#pause")).to_have_text("Pause")
    expect(live.locator("#paused")).to_be_hidden()
    assert controls(fake) == ["pause", "resume"]


def test_a_snapshot_says_where_it_is_kept(live):
    live.click("#snapshot")
    expect(live.locator("#toast-words")).to_have_text("Snapshot kept: /7/7")
    assert live.get_attribute("#toast-link", "href") == "/snapshot/7.png"
    live.click("#toast-close")
    expect(live.locator("#toast")).to_be_hidden()


def test_the_end_asks_once_more(fake, live):
    live.click("#end")
    expect(live.locator("#end-dialog")).to_be_visible()
    assert live.evaluate("document.activeElement.dataset.word") == "go_on"
    live.click("#end-dialog button:has-text('Go on')")
    live.click("#end")
    live.keyboard.press("Escape")
    assert controls(fake) == []
    live.click("#end")
    live.click("#end-dialog .grave")
    expect(live.locator("#review")).to_be_visible()
    assert controls(fake) == ["end"]


def test_after_the_end_the_review_asks_who_reviews(fake, live):
    assert live.locator("#close").is_hidden()
    fake.change(run={"state": "ended"})
    expect(live.locator("#initials-dialog")).to_be_visible()
    live.fill("#initials", "AB")
    live.keyboard.press("Enter")
    live.click("#to-live")
    expect(live.locator("#end")).to_be_disabled()
    expect(live.locator("#live")).to_be_visible()


def test_a_run_without_a_journal_stays_where_it_is(fake, visit):
    fake.change(run={"reviewable": False, "journal": False})
    page = visit.live()
    fake.change(run={"state": "ended"})
    expect(page.locator("#close")).to_be_visible()
    expect(page.locator("#live")).to_be_visible()
    page.click("#to-review")
    expect(page.locator("#empty")).to_contain_text("no journal")


def test_close_asks_and_then_the_page_does_not_call_the_silence_a_fault(fake, visit):
    visit.may_fail = True
    fake.change(run={"state": "ended", "reviewable": False})
    page = visit.live()
    page.click("#close")
    page.click("#close-dialog .grave")
    expect(page.locator("#standing")).to_have_text("Closed")
    fake.broken["/"] = 0
    page.wait_for_timeout(3000)
    expect(page.locator("#standing")).to_have_text("Closed")
    expect(page.locator("#offline-why")).to_have_text(
        "The program has ended. This page can be closed."
    )
    assert controls(fake) == ["close"]


@pytest.mark.parametrize(
    ("how", "words"), [(409, "7"), (0, "The program does not answer. Try again.")]
)
def test_what_the_program_refuses_or_does_not_hear_is_said(fake, visit, how, words):
    visit.may_fail = True
    page = visit.live()
    fake.broken["/control"] = how
    page.click("#pause")
    expect(page.locator("#toast-words")).to_have_text(words)
