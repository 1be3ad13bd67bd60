import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.slide_densities import Densities
from leukoscope.runtime.sources.slide_request import SLIDE_GRAMMAR, SlideRequest, parse_slide


def test_every_key_is_read():
    text = (
        "synthetic://slide?stage=PRO&seed=7&stops=12&overlap=0.3-0.5&returns=0.25&blurred=0&rate=15&size=800x600"
        "&cell=90&cells=5&touching=0.4&overlapping=1&clumps=2.5&dwell=1.5&live=yes"
    )
    assert parse_slide(text) == SlideRequest(
        stage="Pro",
        seed=7,
        stops=12,
        overlap=(0.3, 0.5),
        returns=0.25,
        blurred=0.0,
        dwell_s=1.5,
        rate_hz=15.0,
        size_px=(800, 600),
        cell_px=90.0,
        densities=Densities(5.0, 0.4, 1.0, 2.5),
        live=True,
    )


def test_without_keys_there_are_defaults():
    request = parse_slide("synthetic://slide")
    assert request == SlideRequest(stage="Benign") == parse_slide("Synthetic://Slide/?")
    assert request.overlap == (0.2, 0.6) and not request.live


def test_the_grammar_that_errors_name_is_right():
    assert parse_slide(SLIDE_GRAMMAR) == SlideRequest(seed=1)


def test_seeds_take_the_stages_in_turn():
    assert tuple(parse_slide(f"synthetic://slide?seed={s}").stage for s in range(4)) == STAGES


def test_one_overlap_is_a_span_of_nothing():
    assert parse_slide("synthetic://slide?overlap=0.4").overlap == (0.4, 0.4)


def test_cells_grow_with_the_picture_so_that_a_field_stays_as_large():
    assert parse_slide("synthetic://slide?size=1280x960").cell_px == 160.0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("stage=late", "stage='late'"),
        ("seed=-1", "seed='-1'"),
        ("seed=1e3", "seed"),
        ("seed=٣", "seed"),
        ("stops=0", "stops"),
        ("stops=401", "1 to 400"),
        ("overlap=0.6-0.2", "overlap"),
        ("overlap=0.2-0.4-0.6", "overlap"),
        ("overlap=", "overlap"),
        ("overlap=-0.2", "overlap"),
        ("overlap=0.95", "overlap"),
        ("returns=nan", "returns"),
        ("returns=1", "returns"),
        ("blurred=1.1", "blurred"),
        ("rate=0", "rate"),
        ("rate=inf", "rate"),
        ("size=640", "size"),
        ("size=640x480x3", "size"),
        ("size=9999x480", "160 to 1920"),
        ("size=x", "size"),
        ("live=1", "yes or no"),
        ("clumps=21", "clumps"),
        ("cell=19", "cell"),
        ("cells=15", "cells"),
        ("colour=red", "no key 'colour'"),
        ("seed=1&seed=1", "seed twice"),
        ("seed=1&SEED=1", "seed twice"),
        ("seed", "no URI"),
        ("stops=400&dwell=60&rate=240", "frames"),
    ],
)
def test_what_is_wrong_is_named(query, said):
    with pytest.raises(InputError, match=said) as raised:
        parse_slide(f"synthetic://slide?{query}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["synthetic://", "slide", "synthetic://slides", "synthetic://slide/a", "synthetic://slide#x",
     "file://slide", "synthetic://[slide", "synthetic://user@slide"],
)  # fmt: skip
def test_what_names_no_slide_is_refused(text):
    with pytest.raises(InputError):
        parse_slide(text)


KEYS = st.sampled_from(["stage", "seed", "stops", "overlap", "size", "rate", "live", "x"])


@given(st.dictionaries(KEYS, st.text(max_size=12), max_size=4))
@example({"overlap": "--"})
@example({"size": "\0x\0"})
def test_any_text_is_read_or_refused_in_one_line(values):
    query = "&".join(f"{key}={value}" for key, value in values.items())
    try:
        request = parse_slide(f"synthetic://slide?{query}")
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert request.stage in STAGES and 1 <= request.stops <= 400
