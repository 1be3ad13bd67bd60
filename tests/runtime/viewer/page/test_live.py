"""What the operator reads beside the picture."""

import re

from playwright.sync_api import expect


def text(page, selector):
    return re.sub(r"\s+", " ", page.locator(selector).inner_text()).strip()


def test_the_vote_with_all_its_probabilities(live):
    assert text(live, ".vote") == "Early 0.90"
    assert text(live, "#who") == "voted by the trees"
    assert text(live, "#bars") == "Benign 0.05 Early 0.90 Pre 0.03 Pro 0.02"
    lengths = live.eval_on_selector_all(".length", "all => all.map(one => one.style.width)")
    assert lengths == ["5%", "90%", "3%", "2%"]


def test_a_probability_is_never_rounded_up_to_a_certainty(fake, live):
    fake.next_field(probability=0.9996, name="8")
    expect(live.locator("#probability")).to_have_text("0.99")
    fake.next_field(probability=1)
    expect(live.locator("#probability")).to_have_text("1.00")


def test_head_and_trees_that_disagree(fake, live):
    fake.next_field(head_stage="Pre", flags=["voters_disagree", "unheard_of"])
    expect(live.locator("#who")).to_have_text("voted by the trees; the head says Pre")
    assert text(live, "#flags").endswith("voters disagree, unheard_of")


def test_cells_by_type_and_those_seen_before(live):
    assert text(live, "#cells") == "blast 0.91 immature granulocyte seen before 0.91"
    assert live.get_attribute("#picture", "aria-label") == "Field 1: Early, 2 cells"


def test_counts_keep_their_places(fake, live):
    rows = "#cell-counts dt"
    before = live.locator(rows).all_inner_texts()
    assert before[0] == "White cells"
    assert "basophil" in before
    fake.change(counts={"cells": {"basophil": 9, "blast": 2}, "white_cells": 11})
    expect(live.locator("#cell-counts div", has_text="basophil").locator("dd")).to_have_text("9")
    assert live.locator(rows).all_inner_texts() == before
    assert text(live, "#heading") == "41 / 100"


def test_frames_ages_and_causes(live):
    assert text(live, "#frame-age") == "60 ms median, 1.3 s 95 %"
    assert (text(live, "#captured"), text(live, "#dropped")) == ("300", "293")
    assert text(live, "#drops") == "250 moving, 43 out of focus"
    assert re.fullmatch(r"no\. 1, \d+ s ago", text(live, "#last-field"))


def test_a_bundle_without_a_stage_network(fake, live):
    fake.next_field(stage=None, probability=None, probabilities={}, voter=None, head_stage=None, explained="blast",
                    map_network="sg_cldff", classes=["blast", "other"], methods=["gradcam"])  # fmt: skip
    expect(live.locator("#stage")).to_have_text("No stage")
    expect(live.locator("#who")).to_have_text("this bundle has no XIncept-ALL")
    expect(live.locator("#legend-words")).to_have_text("Grad-CAM of SG-CLDFF for blast")
    assert live.locator("#map-class option").all_inner_texts() == ["As voted", "blast", "other"]


def test_nothing_moves_from_field_to_field(fake, live):
    """Long and short words, many flags, many causes: every box stays where it is."""
    boxes = "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.x, box.y, box.width]; })"
    where = ".window, .legend, .tools > *, .facts > section:nth-of-type(-n+4), .actions > *, #standing, nav a"
    before = live.eval_on_selector_all(where, boxes)
    fake.change(
        counts={"drops": {"moving": 123456, "same_stop": 9, "late": 12}, "cells": {"other": 99999}}
    )
    flags = ["low_probability", "voters_disagree", "evidence_off_cells"]
    fake.next_field(stage="Benign", probability=0.3, cells=[], flags=flags)
    expect(live.locator("#stage")).to_have_text("Benign")
    assert live.eval_on_selector_all(where, boxes) == before


def test_a_small_screen_shows_the_age_of_the_last_field_without_scrolling(live):
    expect(live.locator("#last-field")).to_be_in_viewport(ratio=1)
    below = live.eval_on_selector("#last-field", "one => one.getBoundingClientRect().bottom")
    assert below <= live.eval_on_selector("#facts", "one => one.getBoundingClientRect().bottom")


def test_stage_and_state_are_read_out_and_numbers_are_not(fake, live):
    spoken = live.locator("#spoken")
    expect(spoken).to_have_text("Stage Early, probability 0.90")
    fake.next_field(probability=0.7)
    expect(live.locator("#probability")).to_have_text("0.70")
    expect(spoken).to_have_text("Stage Early, probability 0.90")
    fake.next_field(stage="Pro")
    expect(spoken).to_have_text("Stage Pro, probability 0.70")
    fake.change(source={"state": "lost"})
    expect(spoken).to_have_text("The run: Offline")


def test_before_the_first_field(fake, visit):
    fake.change(field=None, age={"median_ms": None, "p95_ms": None, "n": 0})
    page = visit()
    expect(page.locator("#waiting")).to_have_text("Waiting for the first field")
    expect(page.locator("#frame-age")).to_have_text("–")
    assert page.locator("#snapshot").is_disabled()
    assert page.locator("#pause").is_enabled()
