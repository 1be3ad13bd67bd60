from itertools import combinations

import numpy as np
import pytest

from leukoscope.images.painter.slide_placing import (
    APART,
    CLUMP_STEP_UM,
    FINENESS,
    OVERLAP_DEPTH,
    TOUCH_DEPTH,
    place_clump,
    place_groups,
)

RADII = [30.0, 36.0, 26.0, 33.0] * 12
SIZE = (2000, 1500)


def depths(touching, overlapping, seed=1):
    """Distances of all pairs in sums of their radii, and for each cell the nearest."""
    spots = place_groups(np.random.default_rng(seed), SIZE, RADII, touching, overlapping)
    placed = [(*at, r) for at, r in zip(spots, RADII, strict=True) if at is not None]
    assert len(placed) == len(RADII)
    pairs = np.full((len(placed), len(placed)), np.inf)
    for (i, a), (j, b) in combinations(enumerate(placed), 2):
        pairs[i, j] = pairs[j, i] = np.hypot(a[0] - b[0], a[1] - b[1]) / (a[2] + b[2])
    return pairs, pairs.min(1)


def test_without_touching_all_lie_apart():
    assert depths(0.0, 0.5)[1].min() >= APART


@pytest.mark.parametrize("touching", [0.1, 0.5, 1.0])
def test_just_the_stated_share_has_a_neighbour(touching):
    near = depths(touching, 0.5)[1] < 1.0
    assert near.sum() == round(touching * len(RADII))


def test_how_deep_neighbours_lie_is_as_asked():
    touched, over = depths(0.6, 0.0)[1], depths(0.6, 1.0)[1]
    near = touched[touched < 1]
    assert near.min() >= TOUCH_DEPTH[0] - 0.02 and near.max() <= TOUCH_DEPTH[1] + 0.01
    near = over[over < 1]
    assert near.min() >= OVERLAP_DEPTH[0] - 0.02 and near.max() <= OVERLAP_DEPTH[1] + 0.01


def test_a_lone_cell_that_should_touch_joins_a_group():
    """Three of four: never a group of one."""
    near = depths(3 / len(RADII), 0.0)[1] < 1
    assert near.sum() == 3


def test_where_there_is_no_room_cells_are_left_out_and_groups_as_a_whole():
    spots = place_groups(np.random.default_rng(2), (400, 300), [30.0] * 60, 1.0, 0.0)
    placed = np.array([at for at in spots if at is not None])
    assert 5 < len(placed) < 60
    away = np.hypot(*(placed[:, None] - placed[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    assert (away.min(1) < 60).all()


def test_centres_lie_on_the_fine_grid_and_cells_inside():
    spots = place_groups(np.random.default_rng(3), SIZE, RADII, 0.4, 0.5)
    for (x, y), r in zip(spots, RADII, strict=True):
        assert x * FINENESS == int(x * FINENESS) and y * FINENESS == int(y * FINENESS)
        assert r < x < SIZE[0] - r and r < y < SIZE[1] - r


def test_each_platelet_of_a_clump_lies_against_another():
    for seed in range(10):
        spots = np.array(place_clump(np.random.default_rng(seed), SIZE, 6.0))
        away = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
        np.fill_diagonal(away, np.inf)
        assert 4 <= len(spots) <= 14 and away.min(1).max() <= CLUMP_STEP_UM[1] * 6.0 + 0.2
