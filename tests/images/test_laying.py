"""What is laid on a window is what `to_field` lays on the field."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.images.contract import Contract, placement_of, to_field
from leukoscope.images.laying import lay_on_window, number_window


@settings(deadline=None, max_examples=60)
@given(
    width=st.integers(40, 400),
    height=st.integers(40, 400),
    seed=st.integers(0, 1000),
    corner=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
)
def test_a_window_is_a_part_of_the_field(width, height, seed, corner):
    placement = placement_of((width, height), Contract(64))
    values = np.random.default_rng(seed).random((3, 64, 64), np.float32)
    whole = to_field(values, placement)
    x, y = int(corner[0] * width), int(corner[1] * height)
    window = (slice(y, min(height, y + 50)), slice(x, min(width, x + 70)))
    laid = lay_on_window(values, placement, window)
    assert laid.shape == whole[:, window[0], window[1]].shape
    assert np.abs(laid - whole[:, window[0], window[1]]).max() < 1 / 16, "two roundings of 1/32"


@pytest.mark.parametrize("size_px", [(64, 48), (200, 150), (30, 40)])
def test_numbers_are_the_nearest(size_px):
    placement = placement_of(size_px, Contract(64))
    width, height = placement.inner_px
    numbers = np.arange(width * height, dtype=np.uint16).reshape(height, width)
    window = (slice(0, size_px[1]), slice(0, size_px[0]))
    laid = number_window(numbers, placement, window)
    x = np.clip(((np.arange(size_px[0]) + 0.5) * width / size_px[0]).astype(int), 0, width - 1)
    y = np.clip(((np.arange(size_px[1]) + 0.5) * height / size_px[1]).astype(int), 0, height - 1)
    wrong = laid != numbers[y[:, None], x[None]]
    assert wrong.mean() < 0.1, "a pixel may fall on the line between two"
