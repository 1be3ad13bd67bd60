import numpy as np

from leukoscope.runtime.sinks.heat import (
    AGAINST,
    CLEAR_BELOW,
    FOR,
    STRONGEST,
    bar,
    blend,
    colours,
    opacity,
)


def test_low_heat_leaves_the_stain_as_it_is():
    picture = np.random.default_rng(0).integers(0, 255, (8, 9, 3), np.uint8)
    assert np.array_equal(blend(picture, np.zeros((8, 9), np.float32)), picture)
    assert np.array_equal(blend(picture, np.full((8, 9), CLEAR_BELOW, np.float32)), picture)


def test_opacity_grows_with_heat_and_never_hides_the_field():
    got = opacity(np.linspace(0, 1, 50, dtype=np.float32))
    assert (np.diff(got) >= 0).all() and got[-1] == np.float32(STRONGEST) < 0.8


def test_the_bar_shows_what_the_blend_shows():
    ramp = bar(64, 5)
    assert ramp.shape == (5, 64, 3)
    last = blend(np.full((1, 1, 3), 235, np.uint8), np.ones((1, 1), np.float32))
    assert np.array_equal(ramp[0, -1], last[0, 0])
    assert (
        colours(np.ones((1, 1), np.float32))[0, 0, 0]
        > colours(np.zeros((1, 1), np.float32))[0, 0, 0]
    ), "red is the first channel"


def test_the_sign_of_a_heat_is_its_colour_and_its_size_the_opacity():
    heat = np.array([[-1, -0.4, 0.4, 1]], np.float32)
    assert colours(heat, signed=True)[0].tolist() == [[*AGAINST]] * 2 + [[*FOR]] * 2
    assert np.array_equal(opacity(heat), opacity(-heat))
    grey = np.full((1, 4, 3), 128, np.uint8)
    got = blend(grey, heat, signed=True)[0].astype(int)
    assert got[0, 1] > got[0, 0] and got[3, 0] > got[3, 1], "green against, red for"
    faint = blend(grey, np.zeros((1, 4), np.float32), signed=True)
    assert np.array_equal(faint, grey)


def test_a_signed_bar_is_clear_in_its_middle():
    ramp = bar(101, 3, signed=True)
    assert (ramp[:, 50] == 235).all()
    assert ramp[0, 0, 1] > ramp[0, 0, 0] and ramp[0, -1, 0] > ramp[0, -1, 1]
