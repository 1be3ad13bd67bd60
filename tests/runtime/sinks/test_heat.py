import numpy as np

from leukoscope.runtime.sinks.heat import CLEAR_BELOW, STRONGEST, bar, blend, colours, opacity


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
