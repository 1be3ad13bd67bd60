import numpy as np
import pytest
from vote_ways.answer import heat_of


def test_heat_goes_from_nought_to_one_at_the_frames_size():
    grid = np.random.default_rng(1).random((19, 19), np.float32) * 7 + 3
    heat = heat_of(grid, 299)
    assert heat.shape == (299, 299)
    assert heat.dtype == np.float32
    assert heat.min() == 0
    assert heat.max() == pytest.approx(1, abs=1e-6)


def test_the_greatest_lies_where_it_was():
    grid = np.zeros((10, 10), np.float32)
    grid[2, 7] = 5
    row, column = np.unravel_index(heat_of(grid, 100).argmax(), (100, 100))
    assert (row // 10, column // 10) == (2, 7)


def test_an_even_map_is_nought():
    assert not heat_of(np.full((5, 5), 3, np.float32), 20).any()
