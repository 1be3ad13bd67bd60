"""The gallery, the verdicts, and the counts before and after."""

import re

import pytest
from fake_review import group_of
from playwright.sync_api import expect
from visitor import LARGE, SMALL


def reviews(fake):
    return [
        (said["field"], said["cell"], said["verdict"], said["value"], said["reviewer"])
        for path, said in fake.posted
        if path == "/review"
    ]


def active(page):
    return page.locator("#gallery [aria-selected=true]")


def tabs(page):
    return page.locator("#groups [role=tab]").all_inner_texts()


def test_initials_are_asked_first_and_kept_in_this_tab(visit):
    page = visit(where="#review")
    expect(page.locator("#initials-dialog")).to_be_visible()
    page.fill("#initials", " AB ")
    page.keyboard.press("Enter")
    expect(page.locator("#reviewer")).to_have_text("As AB")
    page.reload()
    expect(page.locator("#reviewer")).to_have_text("As AB")
    expect(page.locator("#gallery [role=option]").first).to_be_visible()
    assert page.locator("#initials-dialog").is_hidden()


def test_who_only_looks_is_asked_again_before_the_first_verdict(fake, visit):
    page = visit(where="#review")
    page.click("#initials-dialog button:has-text('Only look')")
    expect(page.locator("#reviewer")).to_have_text("Sign in")
    page.click("#accept")
    expect(page.locator("#initials-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    assert reviews(fake) == []
    page.click("#accept")
    page.fill("#initials", "XY")
    page.click("#initials-dialog .chief")
    expect(page.locator("#item-reviewer")).to_have_text("XY: accepted")


def test_initials_can_be_tapped(visit):
    page = visit(where="#review", has_touch=True)
    for letter in "ABQ":
        page.tap(f"#pad button:text-is('{letter}')")
    page.tap("#pad [aria-label='Delete the last letter']")
    assert page.input_value("#initials") == "AB"
    page.tap("#initials-dialog .chief")
    expect(page.locator("#reviewer")).to_have_text("As AB")


def test_a_tab_for_each_group_with_its_number(fake, review):
    assert tabs(review) == [
        "neutrophil 0", "eosinophil 0", "basophil 0", "lymphocyte 2", "monocyte 0", "immature granulocyte 0",
        "blast 66", "other 2", "unclassified 0", "rejected 0",
    ]  # fmt: skip
    review.click("#kind-fields")
    expect(review.locator("#groups")).to_contain_text("flagged")
    assert tabs(review) == ["Benign 0", "Early 29", "Pre 0", "Pro 0", "flagged 1", "rejected 0"]


@pytest.mark.parametrize(
    ("key", "said", "now"),
    [
        ("3", "AB: basophil", ("type", "basophil")),
        ("x", "AB: rejected", ("reject", None)),
        ("Delete", "AB: rejected", ("reject", None)),
        ("Enter", "AB: accepted", ("accept", None)),
    ],
)
def test_a_key_judges_and_the_machines_answer_stays(fake, review, key, said, now):
    tile = active(review)
    first = fake.cells[next(k for k, cell in enumerate(fake.cells) if cell["type"] == "lymphocyte")]
    review.keyboard.press(key)
    expect(review.locator("#item-reviewer")).to_have_text(said)
    assert review.locator("#item-machine").inner_text() == "lymphocyte 0.93"
    expect(tile.locator(".machine")).to_have_text("lymphocyte 0.93")
    expect(tile.locator(".said")).to_have_text(said)
    assert (
        tile.get_attribute("aria-label")
        == f"Cell {first['cell']} of field {first['field']}. Machine: lymphocyte 0.93. {said}"
    )
    assert reviews(fake) == [(first["field"], first["cell"], *now, "AB")]


def test_a_review_is_withdrawn(fake, review):
    review.keyboard.press("u")
    review.keyboard.press("3")
    expect(review.locator("#item-reviewer")).to_have_text("AB: basophil")
    review.keyboard.press("u")
    expect(review.locator("#item-reviewer")).to_have_text("not reviewed")
    assert [verdict for _, _, verdict, _, _ in reviews(fake)] == ["type", "withdraw"]
    assert review.locator("#withdraw").is_disabled()


def test_keys_that_come_faster_than_answers_are_all_written(fake, review):
    fake.delays_s["/review"] = 0.3
    for key in ("3", "ArrowRight", "x", "ArrowLeft", "u", "5"):
        review.keyboard.press(key)
    expect(review.locator("#item-reviewer")).to_have_text("AB: monocyte")
    expect(review.locator("#option-1 .said")).to_have_text("AB: rejected")
    assert [(verdict, value) for _, _, verdict, value, _ in reviews(fake)] == [
        ("type", "basophil"), ("reject", None), ("withdraw", None), ("type", "monocyte"),
    ]  # fmt: skip


def test_what_was_changed_stays_in_sight_until_the_tab_is_chosen_again(review):
    review.keyboard.press("3")
    expect(review.locator("#groups")).to_contain_text("basophil 1")
    assert review.locator("#gallery [role=option]").count() == 2
    review.click("#groups [role=tab]:has-text('lymphocyte')")
    expect(review.locator("#gallery [role=option]")).to_have_count(1)
    review.click("#groups [role=tab]:has-text('basophil')")
    expect(active(review).locator(".said")).to_have_text("AB: basophil")
    expect(active(review).locator(".machine")).to_have_text("lymphocyte 0.93")


def test_arrows_move_by_rows_and_columns(review):
    review.click("#groups [role=tab]:has-text('blast')")
    expect(review.locator("#gallery [role=option]")).to_have_count(60)
    review.focus("#gallery")
    boxes = review.eval_on_selector_all("#gallery li", "all => all.map(one => one.offsetTop)")
    columns = boxes.index(next(top for top in boxes if top > boxes[0]))
    for key, wanted in (("ArrowRight", 1), ("ArrowDown", 1 + columns), ("ArrowLeft", columns), ("ArrowUp", 0),
                        ("ArrowUp", 0), ("End", 59), ("Home", 0)):  # fmt: skip
        review.keyboard.press(key)
        assert active(review).get_attribute("id") == f"option-{wanted}", key
        assert review.get_attribute("#gallery", "aria-activedescendant") == f"option-{wanted}"


def test_more_is_fetched_page_by_page(review):
    review.click("#groups [role=tab]:has-text('blast')")
    expect(review.locator("#gallery [role=option]")).to_have_count(60)
    review.click("#more")
    expect(review.locator("#gallery [role=option]")).to_have_count(66)
    expect(review.locator("#more")).to_be_hidden()


def test_touch_selects_and_large_buttons_act(fake, visit):
    page = visit.review(has_touch=True)
    page.tap("#option-1")
    assert active(page).get_attribute("id") == "option-1"
    page.tap("#choices button:has-text('monocyte')")
    expect(page.locator("#item-reviewer")).to_have_text("AB: monocyte")
    page.tap("#kind-fields")
    page.tap("#groups [role=tab]:has-text('Early')")
    expect(page.locator("#item-name")).to_have_text("Field 1, 5 cells")
    page.tap("#reject")
    expect(page.locator("#item-reviewer")).to_have_text("AB: rejected")
    assert group_of(fake.fields[0]) == "rejected"


def test_a_flagged_field_that_is_accepted_counts(review):
    review.click("#kind-fields")
    review.click("#groups [role=tab]:has-text('flagged')")
    expect(review.locator("#item-name")).to_have_text("Field 3, 5 cells")
    expect(review.locator("#item-flags")).to_have_text("low probability")
    review.focus("#gallery")
    review.keyboard.press("Enter")
    expect(review.locator("#groups")).to_contain_text("flagged 0")
    expect(review.locator("#groups")).to_contain_text("Early 30")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_counts_before_and_after(visit, size):
    page = visit.review(size)
    page.keyboard.press("7")
    if size is SMALL:
        page.click("#kind-counts")
    row = page.locator("#totals-rows tr", has=page.locator("th", has_text=re.compile("^blast$")))
    expect(row).to_have_class("changed")
    assert row.locator("td").all_inner_texts() == ["66", "67", "+1"]
    assert page.locator("#totals-rows tr.changed").count() == 2
    expect(page.locator("#reviewers")).to_have_text("Reviews: 1, by AB")


def test_a_cell_that_only_rejected_fields_show_says_so(fake, review):
    fake.cells[2]["new_type"] = None
    review.click("#groups [role=tab]:has-text('rejected')")
    expect(review.locator("#item-reviewer")).to_have_text("only in rejected fields")
    review.focus("#gallery")
    review.keyboard.press("3")
    expect(review.locator("#item-reviewer")).to_have_text("AB: basophil")
    assert review.locator("#choices .now").count() == 0
    review.keyboard.press("u")
    expect(review.locator("#item-reviewer")).to_have_text("only in rejected fields")


def test_a_large_view_moves_on_and_judges(fake, review):
    review.click("#kind-fields")
    expect(review.locator("#item-name")).to_have_text("Field 1, 5 cells")
    review.click("#enlarge")
    expect(review.locator("#large-title")).to_have_text("Field 1, 5 cells")
    assert review.get_attribute("#large-picture", "src") == "/review/field/1/large.jpg"
    review.keyboard.press("ArrowRight")
    expect(review.locator("#large-title")).to_have_text("Field 2, 5 cells")
    assert review.get_attribute("#large-picture", "src") == "/review/field/2.jpg"
    review.keyboard.press("4")
    expect(review.locator("#large-words")).to_have_text("Early 0.90 · AB: Pro")
    review.keyboard.press("Escape")
    assert review.locator("#large-dialog").is_hidden()
    assert reviews(fake) == [(2, None, "stage", "Pro", "AB")]


def test_what_the_program_refuses_is_said_and_nothing_changes(fake, visit):
    visit.may_fail = True
    page = visit.review()
    fake.broken["/review"] = 503
    page.keyboard.press("3")
    expect(page.locator("#toast-words")).to_have_text("7")
    assert page.locator("#item-reviewer").inner_text() == "not reviewed"
    fake.broken.clear()
    page.keyboard.press("3")
    expect(page.locator("#item-reviewer")).to_have_text("AB: basophil")


def test_a_gallery_that_comes_late_does_not_replace_the_one_asked_for_after_it(fake, review):
    fake.delays_s["/review/cells?type=blast"] = 1
    review.click("#groups [role=tab]:has-text('blast')")
    review.click("#groups [role=tab]:has-text('other')")
    expect(review.locator("#gallery [role=option]")).to_have_count(2)
    review.wait_for_timeout(1500)
    assert review.locator("#item-machine").inner_text() == "other 0.93"
    assert review.locator("#gallery [role=option]").count() == 2


def test_cells_without_a_kept_picture_say_so(fake, visit):
    visit.may_fail = True
    fake.broken["/review/cell/"] = 404
    page = visit.review()
    expect(page.locator("#gallery .no-picture").first).to_have_text("no picture kept")


def test_the_review_while_the_run_goes_on(fake, review):
    fake.cells[2]["new_type"] = "monocyte"
    review.wait_for_timeout(3100)
    fake.change(counts={"fields": 8})
    expect(review.locator("#groups")).to_contain_text("monocyte 1")
    assert review.locator("#gallery [role=option]").count() == 2
