import numpy as np
import pytest
from measure.painting import (
    GROUND,
    nuclear_stain_left,
    only_cells,
    silhouettes,
    widened,
    without_cells,
)


@pytest.fixture
def field():
    """A dark cell on a pale ground [100, 100, 3], and its mask with a nucleus."""
    image = np.full((100, 100, 3), 220, np.uint8)
    cells = np.zeros((100, 100), np.uint8)
    cells[40:60, 40:60], cells[45:55, 45:55] = 1, 2
    image[cells > 0] = (120, 80, 160)
    image[cells == 2] = (60, 30, 110)
    return image, cells


def test_nothing_of_a_cell_is_left_and_nothing_else_is_touched(field):
    image, cells = field
    found = without_cells(image, cells)
    assert np.abs(found.astype(int) - 220).max() <= 4
    assert np.array_equal(found[~widened(cells)], image[~widened(cells)])
    assert (widened(cells).sum() - 400) > 0


def test_all_but_the_cells_is_one_ground(field):
    image, cells = field
    image[5:9, 5:9] = (10, 200, 10)
    found = only_cells(image, cells)
    assert np.array_equal(found[cells > 0], image[cells > 0])
    assert (found[~widened(cells)] == GROUND).all()


def test_silhouettes_know_nothing_of_the_image(field):
    image, cells = field
    assert np.array_equal(silhouettes(image, cells), silhouettes(image // 2, cells))
    assert len(np.unique(silhouettes(image, cells).reshape(-1, 3), axis=0)) == 2


@pytest.mark.parametrize("mask", [np.zeros((100, 100), np.uint8), np.ones((100, 100), np.uint8)])
def test_no_cell_or_nothing_but_cell_leaves_the_field_as_it_is(field, mask):
    assert np.array_equal(without_cells(field[0], mask), field[0])


def test_an_overlooked_nucleus_is_counted(field):
    image, cells = field
    assert nuclear_stain_left(image, cells) == 0
    image[80:90, 80:90] = (50, 30, 110)
    assert nuclear_stain_left(image, cells) == pytest.approx(0.5)
    assert nuclear_stain_left(image, np.zeros_like(cells)) is None
