"""Keys of one letter, and the help that lists them."""

import pytest
from playwright.sync_api import expect


def test_live_keys(fake, live):
    for key, what in (("o", "#outlines"), ("m", "#map"), ("c", "#map-class")):
        before = live.locator(what).evaluate("one => one.value || one.ariaPressed")
        live.keyboard.press(key)
        assert live.locator(what).evaluate("one => one.value || one.ariaPressed") != before, key
    live.keyboard.press("-")
    assert live.locator("#opacity-now").inner_text() == "45 %"
    live.keyboard.press("+")
    assert live.locator("#opacity-now").inner_text() == "55 %"
    live.keyboard.press("p")
    expect(live.locator("#pause")).to_have_text("Resume")
    live.keyboard.press("s")
    expect(live.locator("#toast")).to_be_visible()
    live.keyboard.press("e")
    expect(live.locator("#end-dialog")).to_be_visible()


def test_keys_do_nothing_behind_a_dialog(fake, live):
    live.keyboard.press("?")
    expect(live.locator("#help-dialog")).to_be_visible()
    live.keyboard.press("p")
    live.keyboard.press("Escape")
    expect(live.locator("#help-dialog")).to_be_hidden()
    live.keyboard.press("s")
    expect(live.locator("#toast")).to_be_visible()
    assert [said["action"] for _, said in fake.posted] == ["snapshot"]


def test_keys_go_from_page_to_page(live):
    live.keyboard.press("r")
    expect(live.locator("#initials-dialog")).to_be_visible()
    live.keyboard.press("Escape")
    expect(live.locator("#initials-dialog")).to_be_hidden()
    live.keyboard.press("l")
    expect(live.locator("#live")).to_be_visible()
    assert live.get_attribute("#to-live", "aria-current") == "page"


def test_a_key_right_after_a_dialog_acts(live):
    """The field of a dialog that has just been shut still has the focus then."""
    press = "one => one.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }))"
    live.eval_on_selector("#initials", press)
    expect(live.locator("#review")).to_be_visible()


def test_the_help_lists_every_key(live):
    live.click("#help")
    keys = live.locator("#help-tables kbd").all_inner_texts()
    assert {
        "?",
        "l",
        "r",
        "p",
        "s",
        "e",
        "o",
        "m",
        "c",
        "-",
        "+",
        "x",
        "u",
        "v",
        "Enter",
        "Delete",
        "Arrows",
    } <= set(keys)


def test_keys_of_one_letter_can_be_turned_off(fake, review):
    review.keyboard.press("?")
    review.uncheck("#single-keys")
    review.keyboard.press("Escape")
    expect(review.locator("#help-dialog")).to_be_hidden()
    review.focus("#gallery")
    for key in ("x", "3", "l", "?"):
        review.keyboard.press(key)
    expect(review.locator("#review")).to_be_visible()
    assert fake.posted == []
    review.keyboard.press("Enter")
    expect(review.locator("#item-reviewer")).to_have_text("AB: accepted")


@pytest.mark.parametrize("held", ["Control+x", "Alt+3", "Meta+u"])
def test_keys_of_the_browser_are_left_to_it(fake, review, held):
    review.keyboard.press(held)
    review.wait_for_timeout(200)
    assert fake.posted == []


def test_a_key_held_down_says_it_once(fake, review):
    for _ in range(5):
        review.keyboard.down("3")
    review.keyboard.up("3")
    expect(review.locator("#item-reviewer")).to_have_text("AB: basophil")
    assert len(fake.posted) == 1


def test_letters_typed_into_a_field_are_letters(fake, live):
    live.keyboard.press("r")
    expect(live.locator("#initials")).to_be_focused()
    live.locator("#initials").press_sequentially("lx3")
    assert live.input_value("#initials") == "lx3"
    live.keyboard.press("Escape")
    assert fake.posted == []


def test_enter_on_a_button_presses_it_and_accepts_nothing(fake, review):
    review.focus("#kind-fields")
    review.keyboard.press("Enter")
    expect(review.locator("#item-name")).to_contain_text("Field")
    assert fake.posted == []
