import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.export.relative_error import relative_errors

values = st.integers(-8, 8).map(float)


def test_errors_are_by_class_and_image():
    wanted = np.array([[[[1.0, 2.0]], [[10.0, 20.0]]], [[[4.0, 4.0]], [[5.0, 5.0]]]], np.float32)
    ours = wanted.copy()
    ours[0, 1, 0, 1] += 1
    ours[1, 0, 0, 0] -= 2
    np.testing.assert_allclose(relative_errors("cams", ours, wanted), [[0, 1 / 20], [2 / 4, 0]])
    np.testing.assert_allclose(relative_errors("feature_maps", ours, wanted), [[1 / 20], [2 / 5]])


def test_a_map_that_should_be_zero():
    """Held to the largest map of its image; without one, to nought itself."""
    wanted = np.zeros((2, 2, 1, 2), np.float32)
    wanted[0, 1] = 4
    assert relative_errors("cams", wanted, wanted).max() == 0
    ours = wanted.copy()
    ours[0, 0] = 1
    ours[1, 0] = 1e-3
    expected = [[0.25, 0], [1e-3, 0]]
    np.testing.assert_allclose(relative_errors("cams", ours, wanted), expected, rtol=1e-6)


def test_a_faint_map_is_held_to_its_evidence():
    wanted = np.array([[[[1e-3, 0]], [[2, 1]]]], np.float32)
    ours = wanted + np.float32(1e-6)
    least = np.array([[0.1, 0.1]])
    strict, eased = (relative_errors("cams", ours, wanted, floor)[0] for floor in (None, least))
    np.testing.assert_allclose(strict, [1e-3, 0.5e-6], rtol=0.1)
    np.testing.assert_allclose(eased, [1e-5, 0.5e-6], rtol=0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_an_infinite_error(bad):
    wanted = np.ones((2, 3, 1, 1), np.float32)
    ours = wanted.copy()
    ours[1, 2] = bad
    assert np.isinf(relative_errors("cams", ours, wanted)).all()


def test_another_shape_is_an_infinite_error():
    wanted = np.ones((2, 3, 1, 1), np.float32)
    assert np.isinf(relative_errors("cams", wanted[:, :, 0], wanted)).all()


@given(arrays(np.float32, (2, 3, 2, 2), elements=values), st.floats(1e-3, 0.5))
def test_scaling_a_map_is_the_error_that_it_says(wanted, share):
    ours = (wanted.astype(np.float64) * (1 + share)).astype(np.float32)
    errors = relative_errors("mask", ours, wanted)
    nought = np.abs(wanted).max((2, 3)) == 0
    assert (errors[nought] == 0).all()
    np.testing.assert_allclose(errors[~nought], share, rtol=1e-2, atol=1e-6)
