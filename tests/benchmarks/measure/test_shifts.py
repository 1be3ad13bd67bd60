import numpy as np
import pytest
from measure.shifts import (
    SHIFTS,
    TOGETHER,
    blur,
    brightness,
    corner_covered,
    hue,
    jpeg,
    saturation,
    stain,
)

from leukoscope.training.stain_vectors import GIEMSA


@pytest.fixture
def picture():
    """Blobs of azure and eosin on a white ground, as uint8 [64, 80, 3]."""
    rng = np.random.default_rng(2)
    amounts = np.zeros((64, 80, 2))
    amounts[8:30, 8:40, 0] = rng.uniform(0.3, 1.2, (22, 32))
    amounts[34:60, 40:76, 1] = rng.uniform(0.3, 1.2, (26, 36))
    return (250 * np.exp(-amounts @ np.array(GIEMSA))).round().astype(np.uint8)


@pytest.mark.parametrize("name", SHIFTS)
def test_every_shift_gives_an_image_of_the_same_size_and_is_repeatable(name, picture):
    before = picture.copy()
    found = SHIFTS[name](picture)
    assert (found.shape, found.dtype) == (picture.shape, np.uint8)
    assert np.array_equal(found, SHIFTS[name](picture))
    assert np.array_equal(picture, before)
    assert np.array_equal(found, picture) == (name == "none")


def test_hue_turns_red_to_green_and_back():
    red = np.full((4, 4, 3), (200, 20, 20), np.uint8)
    assert hue(red, 120)[0, 0].tolist() == [20, 200, 20]
    assert np.array_equal(hue(hue(red, 10), -10), red)
    grey = np.full((4, 4, 3), 90, np.uint8)
    assert np.array_equal(hue(grey, 20), grey)


def test_saturation_and_brightness_are_factors():
    pale = np.full((2, 2, 3), (200, 150, 150), np.uint8)
    assert saturation(pale, 1.3)[0, 0].tolist() == [200, 135, 135]
    assert brightness(pale, 1.3)[0, 0].tolist() == [255, 195, 195]
    assert brightness(pale, 0.7)[0, 0].tolist() == [140, 105, 105]


def test_blur_grows_with_the_field():
    """The same edge, twice as large, is blurred twice as far."""
    small = np.zeros((112, 112, 3), np.uint8)
    small[:, 56:] = 255
    large = small.repeat(2, axis=0).repeat(2, axis=1)
    width = [(np.abs(np.diff(blur(i, 2)[5, :, 0].astype(int))) > 2).sum() for i in (small, large)]
    assert width[1] >= 1.6 * width[0]


def test_jpeg_keeps_the_channels_in_order():
    blue = np.full((16, 16, 3), (20, 20, 200), np.uint8)
    assert np.abs(jpeg(blue, 50).astype(int) - blue).max() < 12


def test_stain_of_one_changes_nothing_and_the_ground_stays(picture):
    assert np.abs(stain(picture, 1, 1).astype(int) - picture).max() <= 1
    ground = (picture == 250).all(2)
    assert np.abs(stain(picture, 1.3, 0.7).astype(int)[ground] - 250).max() <= 1


def test_azure_darkens_what_is_azure_and_eosin_what_is_eosin(picture):
    azure, eosin = np.s_[8:30, 8:40], np.s_[34:60, 40:76]

    def darker(found, where):
        return float((picture[where].astype(float) - found[where]).mean())

    more_azure, more_eosin = stain(picture, 1.3, 1), stain(picture, 1, 1.3)
    assert darker(more_azure, azure) > 5 > 3 * abs(darker(more_azure, eosin))
    assert darker(more_eosin, eosin) > 5 > 3 * abs(darker(more_eosin, azure))


def test_only_the_lower_right_corner_is_covered(picture):
    changed = (corner_covered(picture) != picture).any(2)
    bar = picture.copy()
    bar[-6:, -12:] = (255, 0, 0)
    assert not changed[: 64 - 8].any()
    assert not changed[:, : 80 - 14].any()
    assert np.array_equal(corner_covered(bar), corner_covered(picture))


def test_both_at_once_in_all_four_ways():
    assert len(TOGETHER) == 4
    assert all("10 deg" in name and "15 %" in name for name in TOGETHER)
