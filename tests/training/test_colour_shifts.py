import numpy as np
import pytest

from leukoscope.training.colour_shifts import SHIFTS, shifted


@pytest.mark.parametrize("name", SHIFTS)
def test_each_shift_against_a_pixel_by_hand(name, rng):
    image = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    before = image.copy()
    density, light = SHIFTS[name]
    found = shifted(image, name)
    assert found.dtype == np.uint8 and found.shape == image.shape
    for y, x, channel in np.ndindex(image.shape):
        share = (image[y, x, channel] / 255) ** density * light[channel]
        assert found[y, x, channel] == round(min(share, 1) * 255)
    assert np.array_equal(image, before)


def test_shifts_do_what_they_are_called():
    grey = np.full((2, 2, 3), 128, np.uint8)
    means = {name: shifted(grey, name).mean((0, 1)) for name in SHIFTS}
    assert means["darker"].max() < 128 < means["brighter"].min()
    assert means["warmer"][0] > means["warmer"][2] and means["cooler"][0] < means["cooler"][2]
    assert means["deeper stain"].max() < 128 < means["paler stain"].min()
    white = np.full((2, 2, 3), 255, np.uint8)
    assert (shifted(white, "deeper stain") == 255).all()  # an empty ground takes no stain
