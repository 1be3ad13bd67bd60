import numpy as np
import pytest

from leukoscope.images.public_sets.squares import cut_square

FIELD = np.arange(100 * 140, dtype=np.uint32).reshape(100, 140)[..., None].repeat(3, 2) % 251
FIELD = FIELD.astype(np.uint8)


def test_the_centre_is_in_the_middle():
    square = cut_square(FIELD, (70, 40), 33)
    assert square.shape == (33, 33, 3)
    assert np.array_equal(square[16, 16], FIELD[40, 70])


@pytest.mark.parametrize(
    ("centre", "shape"),
    [((0, 0), (17, 17, 3)), ((139, 99), (17, 17, 3)), ((3, 50), (33, 20, 3))],
)
def test_at_the_border_it_is_clipped_not_moved(centre, shape):
    assert cut_square(FIELD, centre, 33).shape == shape


@pytest.mark.parametrize("centre", [(140, 50), (50, 100), (-1, 5), (5, -1)])
def test_a_centre_outside_gives_nothing(centre):
    assert cut_square(FIELD, centre, 33) is None
