import numpy as np
import pytest

from leukoscope.images.painter.texture import chromatin, discs, grains, mottle


@pytest.mark.parametrize("grain_px", [0.3, 1.0, 3.0, 8.0, 30.0])
def test_mottle_is_noise_of_about_deviation_one(grain_px):
    planes = [mottle(np.random.default_rng(s), (120, 90), grain_px) for s in range(20)]
    assert all(p.shape == (120, 90) and p.dtype == np.float32 for p in planes)
    assert abs(np.mean(planes)) < 0.3 and 0.5 < np.std(planes) < 1.3


def test_coarser_mottle_is_smoother():
    def step(grain_px):
        return np.abs(np.diff(mottle(np.random.default_rng(1), (90, 90), grain_px))).mean()

    assert step(1.0) > 2 * step(4.0) > 4 * step(16.0)


def test_chromatin_is_bounded_clumps():
    plane = chromatin(np.random.default_rng(1), (200, 200), 6.0)
    assert abs(plane.mean()) < 0.25 and 0.4 < plane.std() < 1.1
    assert np.median(plane) > plane.mean()  # wide dark clumps, narrow light seams


def test_grains_are_as_many_as_asked_and_reach_full_strength():
    few = grains(np.random.default_rng(1), (200, 200), 0.001, 3.0)
    many = grains(np.random.default_rng(1), (200, 200), 0.01, 3.0)
    assert few.min() >= 0 and few.max() <= 1 and many.max() > 0.9
    assert 5 < many.sum() / few.sum() < 15


@pytest.mark.parametrize("shape", [(1, 1), (5, 90)])
def test_no_grains_and_tiny_planes(shape):
    assert not grains(np.random.default_rng(1), shape, 0.0, 2.0).any()
    assert grains(np.random.default_rng(1), shape, 0.5, 0.1).shape == shape
    assert mottle(np.random.default_rng(1), shape, 5.0).shape == shape


def test_discs_lie_where_they_may():
    within = np.zeros((60, 60), np.bool_)
    within[20:40, 30:50] = True
    plane = discs(np.random.default_rng(1), 5, (2.0, 3.0), within)
    assert plane.max() == 1 and 12 < plane.sum() < 5 * np.pi * 9 * 1.2
    assert not plane[:16].any() and not plane[:, :26].any()
    assert not discs(np.random.default_rng(1), 0, (2.0, 3.0), within).any()
    assert not discs(np.random.default_rng(1), 3, (2.0, 3.0), within & False).any()
