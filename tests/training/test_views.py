from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.images.contract import Contract, mask_to_square, place
from leukoscope.training.pictures import picture_of
from leukoscope.training.views import View, field_to_square, take, whole

views = st.builds(
    View,
    centre_px=st.tuples(st.floats(10, 90), st.floats(10, 70)),
    side_px=st.floats(20, 300),
    turn=st.floats(-4, 4),
    stretch=st.floats(0.8, 1.25),
    mirrored=st.booleans(),
    reflected=st.booleans(),
)


def two_coloured(width=100, height=80):
    """A field whose mask can be read off its colours: dark is nucleus, bright is background."""
    mask = np.zeros((height, width), np.uint8)
    mask[20:60, 30:50] = 2
    mask[20:60, 50:70] = 1
    image = np.array([[220] * 3, [128] * 3, [30] * 3], np.uint8)[mask]
    return picture_of(image, mask, (0,))


@given(views)
@settings(max_examples=60, deadline=None)
def test_the_mask_follows_the_image_under_any_view(view):
    sample = take(two_coloured(), view, 48)
    assert sample.image.shape == (48, 48, 3) and sample.mask.shape == sample.inside.shape == (
        48,
        48,
    )
    grey = sample.image[..., 0].astype(int)
    pure = {0: grey > 215, 1: abs(grey - 128) < 3, 2: grey < 35}
    shown = sample.inside == 1
    for label, where in pure.items():
        if label == 1 and view.side_px > 100:
            continue  # reduced, the border of dark and bright is as grey as cytoplasm
        wrong = (sample.mask[where & shown] != label).sum()
        assert wrong <= 0.02 * 48 * 48


@given(views)
@settings(max_examples=60, deadline=None)
def test_outside_the_field_lies_white_padding_or_a_reflection(view):
    sample = take(two_coloured(), view, 40)
    if view.reflected:
        assert sample.inside.all()
        return
    matrix = field_to_square(view, 40)
    inverse = np.linalg.inv(matrix)
    y, x = np.mgrid[:40, :40]
    back = np.stack([x, y, np.ones_like(x)], -1) @ inverse.T
    margin = 2.5 * max(1.0, view.side_px / 40)
    far = (back[..., 0] < -margin) | (back[..., 0] > 99 + margin)
    far |= (back[..., 1] < -margin) | (back[..., 1] > 79 + margin)
    near = (back[..., 0] > margin) & (back[..., 0] < 99 - margin)
    near &= (back[..., 1] > margin) & (back[..., 1] < 79 - margin)
    assert not sample.inside[far].any() and sample.inside[near].all()
    assert (sample.image[far] == 255).all() and (sample.mask[far] == 0).all()


@pytest.mark.parametrize("size_px", [(64, 64), (80, 60), (60, 90)])
def test_the_whole_view_is_what_the_contract_shows(size_px, rng):
    width, height = size_px
    smooth = np.linspace(20, 230, width)[None, :, None] + np.linspace(0, 20, height)[:, None, None]
    image = np.repeat(smooth, 3, 2).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 3 : height // 2, width // 4 : width // 2] = 2
    picture = picture_of(image, mask, ())
    for side in (64, 96, 128):
        sample = take(picture, whole(picture), side)
        square, placement = place(image, Contract(side))
        x, y = placement.offset_px
        w, h = placement.inner_px
        inner = np.s_[y + 2 : y + h - 2, x + 2 : x + w - 2]
        assert np.abs(sample.image[inner].astype(int) - square[inner]).max() <= 6
        wanted = mask_to_square(mask, Contract(side))
        assert (sample.mask != wanted).mean() < 0.02
        assert sample.inside[inner].all()


def test_a_view_maps_its_centre_to_the_middle_and_its_side_to_the_square():
    view = View((30.0, 40.0), 50.0, turn=0.3, stretch=1.2, mirrored=True)
    matrix = field_to_square(view, 101)
    assert matrix @ [30, 40, 1] == pytest.approx([50, 50, 1])
    assert abs(np.linalg.det(matrix[:2, :2])) == pytest.approx((101 / 50) ** 2)
    assert np.linalg.det(matrix) < 0 < np.linalg.det(field_to_square(View((0, 0), 9), 9))


def test_a_quarter_turn_and_a_mirror_move_pixels_exactly(rng):
    picture = picture_of(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8), None, ())
    view = whole(picture)
    image = picture.levels[0]
    assert np.array_equal(take(picture, view, 32).image, image)
    turned = take(picture, replace(view, turn=np.pi / 2), 32).image
    assert np.array_equal(turned, np.rot90(image, -1))
    mirrored = take(picture, replace(view, mirrored=True), 32).image
    assert np.array_equal(mirrored, image[:, ::-1])


def test_a_reduced_view_does_not_alias(rng):
    noise = rng.integers(0, 256, (512, 512, 1), dtype=np.uint8).repeat(3, 2)
    picture = picture_of(noise, None, ())
    small = take(picture, whole(picture), 64).image.astype(float)
    assert small.std() < 1.3 * noise.std() / 8  # the mean of 64 pixels, not a sample of four
