from dataclasses import replace

import cv2
import numpy as np
import pytest
from stand_ins import blob_field, by_trees, result_of

from leukoscope.runtime.viewer.pictures import (
    LONGEST_PX,
    evidence_for,
    heat_png,
    mask_png,
    picture_jpeg,
    shown_px,
)


def read(data, how=cv2.IMREAD_UNCHANGED):
    return cv2.imdecode(np.frombuffer(data, np.uint8), how)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((640, 480), (640, 480)),
        ((1280, 1280), (1280, 1280)),
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((16384, 32), (1280, 2)),
        ((16384, 1), (1280, 1)),
    ],
)
def test_no_side_is_longer_than_a_screen(size, shown):
    assert shown_px(size) == shown


def test_the_picture_is_the_field(result):
    got = read(picture_jpeg(result))[:, :, ::-1]
    assert got.shape == result.frame.pixels.shape
    assert np.abs(got.astype(int) - result.frame.pixels).mean() < 4


def test_a_large_field_comes_smaller_and_its_mask_with_it():
    large = result_of(blob_field(((700, 500, 200, 100),), (2000, 1000)))
    picture, mask = read(picture_jpeg(large)), read(mask_png(large.mask))
    assert picture.shape[:2] == mask.shape == (LONGEST_PX // 2, LONGEST_PX)
    assert set(np.unique(mask)) == {0, 128, 255}
    share = (large.mask == 2).mean()
    assert (mask == 255).mean() == pytest.approx(share, rel=0.02)


def test_the_mask_has_the_levels_of_a_saved_mask(result):
    got = read(mask_png(result.mask))
    assert np.array_equal(got, np.array([0, 128, 255], np.uint8)[result.mask])


def middle_of(heat):
    rows, columns = np.indices(heat.shape)
    return (heat * rows).sum() / heat.sum(), (heat * columns).sum() / heat.sum()


def test_heat_is_the_map_over_its_highest_value_at_half_the_size(result):
    got = read(heat_png(evidence_for(result, "xincept_all", "Early", None))) / 255
    height, width = result.frame.pixels.shape[:2]
    assert got.shape == (height // 2, width // 2)
    wanted = cv2.resize(
        np.clip(result.evidence.heat, 0, 1), got.shape[::-1], interpolation=cv2.INTER_AREA
    )
    # The map goes from 96 px to 220 and down again, or to 110 at once: the place is the same, the top a little flatter.
    assert np.abs(got - wanted).max() < 0.1 and wanted.max() > 0.9
    assert middle_of(got) == pytest.approx(middle_of(wanted), abs=0.2)


def test_any_class_has_a_map_and_an_empty_one_is_black(result):
    got = read(heat_png(evidence_for(result, "xincept_all", "Pro", None)))
    assert got.max() == 0


def test_what_the_trees_decide_has_zero_in_the_middle(result):
    voted = by_trees(result)
    evidence = evidence_for(voted, "xincept_all", "Early", voted.evidence.trees)
    got = read(heat_png(evidence)).astype(int)
    wanted = np.clip(evidence.heat, -1, 1)
    assert got.min() >= 1 and got.max() == 255
    assert (wanted < -0.2).any()
    small = cv2.resize(wanted, got.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs((got - 128) / 127 - small).max() < 0.05
    flat = replace(evidence, grid=np.zeros_like(evidence.grid), high=0.0)
    assert set(np.unique(read(heat_png(flat)))) == {128}


def test_a_field_of_the_least_size_has_a_map():
    tiny = result_of(blob_field(((16, 16, 8, 4),), (33, 32)))
    assert read(heat_png(tiny.evidence)).shape == (16, 16)
