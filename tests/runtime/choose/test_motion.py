"""Shifts between reduced copies."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painted_stage import View, look, slide

from leukoscope.images.opencv import cv2
from leukoscope.runtime.choose.motion import Window
from leukoscope.runtime.choose.stops import overlap

SIZE = (200, 150)


def seen(x, y, noise=1.0, blur=0.0, seed=0, image=None):
    view = View(x, y, blur_px=blur)
    picture = look(slide() if image is None else image, view, SIZE, noise, seed)
    return np.ascontiguousarray(picture[..., 1])


def shift(one, other):
    window = Window(one.shape)
    return window.shift(window.look(one), window.look(other))


@settings(max_examples=40)
@given(st.floats(-28, 28), st.floats(-20, 20))
def test_a_shift_is_found_to_a_fraction_of_a_pixel(dx, dy):
    found = shift(seen(200, 200), seen(200 - dx, 200 - dy, seed=1))
    assert found is not None
    assert found.x * 200 == pytest.approx(dx, abs=0.4)
    assert found.y * 150 == pytest.approx(dy, abs=0.4)


def test_pictures_without_a_place_in_common_have_no_shift():
    rng = np.random.default_rng(2)
    lost = 0
    for _ in range(40):
        x, y = rng.uniform(0, 900), rng.uniform(0, 300)
        lost += shift(seen(x, y), seen((x + 500) % 980, y + 350, seed=1)) is None
    assert lost == 40


def test_the_same_place_is_known_again_out_of_focus():
    found = shift(seen(300, 300), seen(300, 300, blur=2.0, seed=1))
    assert found is not None
    assert max(abs(found.x), abs(found.y)) < 0.005


def test_another_lamp_is_no_motion():
    dim = (seen(300, 300) * 0.6).astype(np.uint8)
    found = shift(seen(300, 300, seed=1), dim)
    assert found is not None
    assert (found.x, found.y) == pytest.approx((0, 0), abs=1e-3)


def test_noise_on_bare_ground_is_at_rest():
    bare = np.full((900, 1200, 3), 215, np.uint8)
    found = shift(seen(0, 0, 2.0, image=bare), seen(0, 0, 2.0, seed=1, image=bare))
    assert found is not None
    assert (found.x, found.y) == (0.0, 0.0)


def test_unlike_noise_has_no_shift():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 256, (2, 150, 200), np.uint8)
    assert shift(one, other) is None


def test_response_is_1_for_the_same_and_falls_with_what_is_shared():
    one = seen(300, 300)
    near, far = (shift(one, seen(300 + dx, 300, seed=1)) for dx in (10, 30))
    assert 1 >= near.response > far.response > 0.2


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (7, 11), (101, 211), (32, 32)])
def test_any_size_can_be_compared(shape):
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 256, (2, *shape), np.uint8)
    shift(one, other)
    assert shift(one, one).response == 1.0


def test_a_look_keeps_its_own_copy():
    window, green = Window((150, 200)), seen(300, 300)
    before = window.look(green)
    green[...] = seen(340, 300)
    assert abs(window.shift(before, window.look(green)).x * 200 + 40) < 1


def test_frames_of_a_reduced_film_are_followed_at_a_tenth_of_a_pixel():
    """A creep of 0.3 pixels of the copy a step adds up."""
    window, total = Window((150, 200)), 0.0
    looks = [window.look(seen(300 + 0.3 * i, 300, noise=0.5, seed=i)) for i in range(20)]
    for before, now in pairwise(looks):
        total += window.shift(before, now).x * 200
    assert total == pytest.approx(-0.3 * 19, abs=0.6)


def test_overlap_is_the_share_that_both_show():
    window = Window((150, 200))
    found = window.shift(window.look(seen(300, 300)), window.look(seen(320, 315, seed=1)))
    assert overlap(found) == pytest.approx(0.9 * 0.9, abs=0.01)


def test_opencv_is_the_judge():
    """OpenCV's own phase correlation says the same of an easy pair."""
    one, other = seen(300, 300), seen(309, 294, seed=1)
    window = Window(one.shape)
    (x, y), _ = cv2.phaseCorrelate(
        one.astype(np.float32), other.astype(np.float32), cv2.createHanningWindow(SIZE, cv2.CV_32F)
    )
    found = window.shift(window.look(one), window.look(other))
    assert (found.x * 200, found.y * 150) == pytest.approx((x, y), abs=0.5)
