"""What is drawn on the field."""

import base64
import json

import cv2
import numpy as np
import pytest
from fake_run import DISCS, SIZE
from playwright.sync_api import expect
from visitor import SMALL

from leukoscope.runtime.sinks import heat, panel
from leukoscope.runtime.viewer.words import PAGE

LOOK = json.loads((PAGE / "overlay.json").read_text())


def drawn(page, selector="#picture"):
    """RGBA [H, W, 4]."""
    address = page.eval_on_selector(selector, "canvas => canvas.toDataURL('image/png')")
    data = np.frombuffer(base64.b64decode(address.split(",")[1]), np.uint8)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def placed(pixels):
    """The field on the canvas, and screen pixels in one of its own."""
    columns, rows = (np.flatnonzero(pixels[:, :, 3].any(axis=axis)) for axis in (0, 1))
    inner = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, :3].astype(int)
    return inner, inner.shape[1] / SIZE[0]


def near(pixels, colour, within=40):
    return np.abs(pixels - np.array(colour)).max(axis=2) < within


def test_the_look_is_that_of_the_overlays():
    ramp = np.array(
        [int(LOOK["ramp"][k : k + 2], 16) for k in range(0, len(LOOK["ramp"]), 2)]
    ).reshape(256, 3)
    assert (ramp == heat.colours(np.linspace(0, 1, 256, dtype=np.float32)[None])[0]).all()
    assert tuple(LOOK["for"]) == heat.FOR
    assert tuple(LOOK["against"]) == heat.AGAINST
    assert (LOOK["clear_below"], LOOK["strongest"]) == (heat.CLEAR_BELOW, heat.STRONGEST)
    assert tuple(LOOK["cell_line"]) == panel.CELL_LINE
    assert tuple(LOOK["nucleus_line"]) == panel.NUCLEUS_LINE
    assert tuple(LOOK["halo"]) == panel.HALO


def test_outlines_lie_on_the_mask_edges_and_go_at_a_touch(live):
    live.select_option("#map", "none")
    expect(live.locator("#legend-words")).to_have_text("No map is shown")
    pixels, ratio = placed(drawn(live))
    for colour, share in ((panel.CELL_LINE, 1), (panel.NUCLEUS_LINE, 0.5)):
        x, y, radius = DISCS[1]
        ring = [
            (x + share * radius * np.cos(a), y + share * radius * np.sin(a))
            for a in np.linspace(0.3, 2.8, 60)
        ]
        hits = near(pixels, colour, 70)
        met = [
            hits[
                round(b * ratio) - 2 : round(b * ratio) + 3,
                round(a * ratio) - 2 : round(a * ratio) + 3,
            ].any()
            for a, b in ring
        ]
        assert np.mean(met) > 0.95, colour
    live.click("#outlines")
    assert live.get_attribute("#outlines", "aria-pressed") == "false"
    pixels, _ = placed(drawn(live))
    assert not near(pixels, panel.CELL_LINE).any()


def test_each_cell_has_its_label(live):
    live.select_option("#map", "none")
    pixels, ratio = placed(drawn(live))
    x, y, radius = DISCS[0]
    above = pixels[
        round((y - radius) * ratio) - 18 : round((y - radius) * ratio) - 4,
        round(x * ratio) - 10 : round(x * ratio) + 10,
    ]
    assert near(above, panel.CELL_LINE).mean() > 0.3


@pytest.mark.parametrize("method", ["gradcam", "trees"])
def test_the_map_is_blended_as_on_the_overlays(fake, live, method):
    """A map of one value, so that every pixel of the field is mixed with the same colour in the same share."""
    fake.heat = np.full((240, 320), 230, np.uint8)
    live.click("#outlines")
    live.select_option("#map", "none")
    plain, _ = placed(drawn(live))
    live.select_option("#map", method)
    expect(live.locator("#legend-words")).to_contain_text("Early")
    mixed, _ = placed(drawn(live))
    signed = method == "trees"
    value = np.full(plain.shape[:2], (230 - 128) / 127 if signed else 230 / 255, np.float32)
    wanted = heat.blend(plain.astype(np.uint8), value, signed=signed).astype(int)
    assert np.abs(mixed - wanted).max() <= 3


def test_opacity_changes_how_much_the_map_hides(fake, live):
    fake.heat = np.full((240, 320), 255, np.uint8)
    live.select_option("#map-class", "Pro")
    expect(live.locator("#legend-words")).to_have_text("Grad-CAM of the head for Pro")
    strong, _ = placed(drawn(live))
    live.fill("#opacity", "0")
    expect(live.locator("#opacity-now")).to_have_text("0 %")
    clear, _ = placed(drawn(live))
    live.select_option("#map", "none")
    plain, _ = placed(drawn(live))
    assert (clear == plain).all()
    assert np.abs(strong - plain).mean() > 20


def test_the_legend_of_a_signed_map(live):
    live.select_option("#map", "trees")
    expect(live.locator("#legend-words")).to_have_text(
        "Trees for Early: sum +2.31, 12 % spread evenly"
    )
    assert live.locator("#legend-low").inner_text() == "against"
    assert live.locator("#legend-high").inner_text() == "for"
    scale = drawn(live, "#ramp")[5, :, :3].astype(int)
    assert scale[0, 1] > scale[0, 0]
    assert scale[-1, 0] > scale[-1, 2]


def test_the_legend_says_whose_evidence_it_is_where_head_and_trees_disagree(fake, live):
    fake.next_field(head_stage="Pre")
    expect(live.locator("#legend-words")).to_have_text("Grad-CAM of the head (votes Pre) for Early")
    live.select_option("#map-class", "Pro")
    expect(live.locator("#legend-words")).to_have_text("Grad-CAM of the head for Pro")


def test_the_longest_legends_fit_a_small_screen(fake, live):
    fake.next_field(head_stage="Benign")
    expect(live.locator("#legend-words")).to_contain_text("votes Benign")
    fits = "one => one.scrollHeight <= one.clientHeight && one.scrollWidth <= one.clientWidth"
    assert live.eval_on_selector("#legend-words", fits)
    live.select_option("#map", "trees")
    expect(live.locator("#legend-words")).to_contain_text("spread evenly")
    assert live.eval_on_selector("#legend-words", fits)


def test_the_choice_stays_from_field_to_field(fake, live):
    live.select_option("#map", "trees")
    live.select_option("#map-class", "Pro")
    fake.next_field(stage="Pre", explained="Pre")
    expect(live.locator("#stage")).to_have_text("Pre")
    assert fake.asked[-1] != ""
    assert "/field/2/heat/trees/Pro.png" in fake.asked
    live.select_option("#map-class", "")
    expect(live.locator("#legend-words")).to_contain_text("for Pre")


@pytest.mark.parametrize("size", [SMALL, {"width": 800, "height": 900}], ids=["wide", "high"])
def test_the_field_is_never_stretched(visit, size):
    pixels, _ = placed(drawn(visit.live(size)))
    assert abs(pixels.shape[1] / pixels.shape[0] - SIZE[0] / SIZE[1]) < 0.01
