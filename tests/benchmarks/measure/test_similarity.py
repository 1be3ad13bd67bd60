import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure.similarity import ssim


def maps(seed):
    return np.random.default_rng(seed).random((2, 24, 24)).cumsum(2)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 50), st.floats(-5, 5))
def test_equal_maps_have_one_whatever_their_scale(seed, factor, offset):
    one, other = maps(seed)
    assert ssim(one, one * factor + offset) == pytest.approx(1)
    assert ssim(one, other) == pytest.approx(ssim(other, one))
    assert ssim(one, other) < 1


def test_constant_maps():
    flat, one = np.full((24, 24), 3.0), maps(1)[0]
    assert ssim(flat, flat * 2) == pytest.approx(1)
    assert ssim(flat, one) < 0.5


def test_a_map_and_its_contrary_are_unlike():
    wave = np.sin(np.arange(48) / 3)[:, None] * np.ones(48)
    assert ssim(wave, -wave) < -0.4
