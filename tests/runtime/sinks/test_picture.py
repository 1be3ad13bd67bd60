from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field, by_trees, result_of

from leukoscope.images.classes import STAGES
from leukoscope.runtime.field import Vote
from leukoscope.runtime.sinks import footer, header, lettering, panel
from leukoscope.runtime.sinks.picture import draw_picture


@pytest.fixture
def written(monkeypatch):
    """All the words that are drawn."""
    words = []
    real = lettering.write_text

    def spy(picture, text, *rest):
        words.append(text)
        return real(picture, text, *rest)

    for module in (header, footer, panel, lettering):
        monkeypatch.setattr(module, "write_text", spy)
    return words


def test_the_words_of_a_whole_result(result, written):
    draw_picture(replace(result, flags=("low_probability",)))
    text = " | ".join(written)
    for word in ("Early 0.90", "voted by the trees", "2 white cells: 2 blast", "low probability",
                 "blast 0.93", "Grad-CAM of the head for Early", "RESEARCH USE ONLY", *STAGES):  # fmt: skip
        assert word in text, word


def test_where_head_and_trees_disagree_it_says_whose_evidence_is_shown(result, written):
    vote = Vote(result.vote.probabilities, "Early", "trees", "Pre")
    draw_picture(replace(result, vote=vote))
    assert "voted by the trees; the head says Pre" in written
    assert "Grad-CAM of the head for Early, the trees' vote; its own is Pre" in written


def test_the_legend_of_a_trees_map_says_that_it_is_signed_and_what_it_adds_up_to(result, written):
    explained = by_trees(result)
    picture = draw_picture(explained)
    text = " | ".join(written)
    for words in ("against -0.9", "+0.9 for", "what the trees decide for Early", "sum +0.50: margin less bias",
                  "12% spread evenly", "RESEARCH USE ONLY"):  # fmt: skip
        assert words in text, words
    assert "Grad-CAM" not in text
    assert not np.array_equal(picture, draw_picture(result))


def test_for_and_against_are_drawn_in_two_colours(result):
    shown = panel.draw_panel(replace(by_trees(result), cells=()), (220, 160)).astype(int)
    plain = panel.draw_panel(replace(result, cells=(), evidence=None), (220, 160)).astype(int)
    change = shown - plain
    assert change[62, 55, 0] > change[62, 55, 1], "vermilion where it speaks for the class"
    assert change[138, 165, 1] > change[138, 165, 0], "green where it speaks against"
    assert not change[20, 110].any()


@pytest.mark.parametrize("change", [{"vote": None}, {"evidence": None}])
def test_what_is_missing_is_said_and_the_notice_stays(result, written, change):
    draw_picture(replace(result, **change))
    assert "RESEARCH USE ONLY" in written
    assert any(word.startswith("no ") for word in written)


@pytest.mark.parametrize("size_px", [(32, 32), (64, 400), (1280, 200), (900, 900)])
def test_any_field_size_makes_an_even_picture_with_room_for_the_words(size_px):
    picture = draw_picture(result_of(blob_field(((16, 16, 9, 4),), size_px)))
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert picture.shape[1] >= 760 and picture.dtype == np.uint8
    assert picture.shape[0] > size_px[1]


def test_the_words_stay_inside_the_picture(result, monkeypatch):
    ends = []
    real = lettering.write_text

    def spy(strip, text, left_base, height_px, *rest):
        ends.append((strip.shape[1] - left_base[0] - lettering.text_width(text, height_px), text))
        return real(strip, text, left_base, height_px, *rest)

    for module in (header, footer, lettering):
        monkeypatch.setattr(module, "write_text", spy)
    vote = Vote(result.vote.probabilities, "Early", "trees", "Benign")
    for one in (result, by_trees(result)):
        draw_picture(replace(one, vote=vote))
    assert min(ends)[0] >= 0, min(ends)


def test_words_that_are_too_long_are_shortened():
    text = "a text that is far too long for the room"
    short = lettering.shorten(text, 12, 100)
    assert short.endswith("..") and text.startswith(short[:-2])
    assert lettering.text_width(short, 12) <= 100
    assert lettering.shorten("short", 12, 100) == "short"
