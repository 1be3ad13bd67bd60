import numpy as np
import pytest
from walked_slide import window

from leukoscope.runtime.slide.picture import CLIP, SIDE_PX, detail_of, picture_of, reduce


@pytest.mark.parametrize(
    ("size", "scale"),
    [((480, 640), 0.4), ((1080, 1920), 256 / 1920), ((32, 32), 1), ((200, 300), 0.8)],
)
def test_a_field_is_reduced_without_distortion(size, scale):
    field = np.full((*size, 3), 90, np.uint8)
    grey = reduce(field, scale)
    assert grey.shape == pytest.approx(tuple(side * scale for side in size), abs=1.5)
    assert max(grey.shape) <= SIDE_PX
    assert (grey == 90).all()


def test_a_point_lies_where_the_scale_says():
    field = np.zeros((1080, 1920, 3), np.uint8)
    field[695:705, 1395:1405] = 255
    scale = 256 / 1920
    row, column = np.unravel_index(reduce(field, scale).argmax(), (144, 256))
    assert (column + 0.5, row + 0.5) == pytest.approx((1400 * scale, 700 * scale), abs=1)


def test_detail_knows_neither_light_nor_shade():
    field = window(0, 300, 200).astype(float)
    shade = np.linspace(0.75, 1, 640)[None, :, None]
    plain = detail_of(reduce(field.astype(np.uint8), 0.4))
    shaded = detail_of(reduce((field * shade).astype(np.uint8), 0.4))
    assert np.corrcoef(plain.ravel(), shaded.ravel())[0, 1] > 0.98


def test_a_speck_cannot_outweigh_the_field():
    grey = reduce(window(0, 300, 200), 0.4)
    grey[80:86, 100:106] = 0
    assert np.abs(detail_of(grey)).max() < 2 * CLIP


@pytest.mark.parametrize("grain", [0, 3])
def test_nothing_to_see_is_no_picture(grain):
    noise = np.random.default_rng(0).normal(200, grain, (480, 640, 3))
    assert picture_of(reduce(noise.astype(np.uint8), 0.4)) is None


@pytest.mark.parametrize("side", [8, 9, 16, 33])
def test_the_smallest_pictures(side):
    grey = np.random.default_rng(side).integers(0, 255, (side, side)).astype(np.uint8)
    picture = picture_of(grey)
    assert picture.fine.shape == (256, 256)
    assert np.isfinite(picture.coarse).all()
