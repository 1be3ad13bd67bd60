import numpy as np
import pytest

from leukoscope.images.classes import STAGES
from leukoscope.runtime.sources.synthetic import SyntheticSource
from leukoscope.runtime.sources.uri import open_source


def test_the_four_stages_come_in_turn():
    source = SyntheticSource("synthetic://", None, 5, 3)
    assert [source.paint(k).stage for k in range(5)] == [*STAGES, STAGES[0]]


def test_a_stage_that_is_asked_for_stays():
    source = SyntheticSource("synthetic://", "Pre", 2, 3)
    assert {source.paint(k).stage for k in range(2)} == {"Pre"}


def test_the_same_seed_paints_the_same_fields_and_another_does_not():
    first, again, other = (
        [f.pixels for f in open_source(f"synthetic://?fields=2&seed={s}").frames(pytest.fail)]
        for s in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_a_frame_is_what_paint_paints():
    source = SyntheticSource("synthetic://?seed=9", "Pro", 1, 9)
    (frame,) = source.frames(pytest.fail)
    assert np.array_equal(frame.pixels, source.paint(0).image)
    assert (frame.source, frame.name) == ("synthetic://?seed=9", "synthetic_pro_9_000000")


def test_fields_of_different_seeds_never_coincide_nor_those_of_painted_folders():
    from leukoscope.images.painter.folders import SEEDS_APART
    from leukoscope.runtime.sources.synthetic import FIRST_SEED, MAX_FIELDS

    last, first = (
        SyntheticSource("", "Pro", MAX_FIELDS, seed).paint(index).seed
        for seed, index in ((1, MAX_FIELDS - 1), (2, 0))
    )
    assert FIRST_SEED < last < first
    assert FIRST_SEED > 100_000 * SEEDS_APART
