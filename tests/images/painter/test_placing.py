from itertools import combinations

import numpy as np
import pytest

from leukoscope.images.painter.placing import CLOSEST, place_red, place_white


@pytest.mark.parametrize("crowding", [0.0, 0.5, 1.0])
def test_white_cells_keep_apart_and_near_the_field(crowding):
    for seed in range(15):
        radii = [30.0, 42.0, 25.0, 35.0, 35.0, 40.0]
        spots = place_white(np.random.default_rng(seed), (400, 300), radii, crowding)
        placed = [(*s, r) for s, r in zip(spots, radii, strict=True) if s is not None]
        assert len(spots) == 6 and len(placed) >= 4
        for (x, y, a), (u, v, b) in combinations(placed, 2):
            assert np.hypot(x - u, y - v) >= CLOSEST * (a + b)
        for x, y, r in placed:
            assert -0.4 * r <= x <= 400 + 0.4 * r and -0.4 * r <= y <= 300 + 0.4 * r


def test_the_first_white_cell_is_wholly_inside_and_others_are_cut():
    spots = [place_white(np.random.default_rng(s), (300, 300), [40.0] * 4, 0.0) for s in range(40)]
    assert all(38 <= c <= 262 for first, *_ in spots for c in first)
    later = np.array([spot for _, *rest in spots for spot in rest if spot])
    assert ((later < 40) | (later > 260)).any(axis=1).mean() > 0.15


def test_crowding_brings_cells_together():
    def nearest(crowding):
        found = []
        for seed in range(20):
            spots = place_white(np.random.default_rng(seed), (800, 800), [30.0] * 6, crowding)
            found += [
                min(np.hypot(a[0] - b[0], a[1] - b[1]) for b in spots if b != a) for a in spots
            ]
        return np.median(found)

    assert nearest(1.0) < 66 < nearest(0.0)


def test_a_full_field_leaves_cells_out():
    spots = place_white(np.random.default_rng(1), (64, 64), [30.0] * 12, 0.0)
    assert spots.count(None) >= 5


def test_red_cells_are_as_many_as_asked_and_mostly_clear_of_white():
    """The white cells cover a fifth of the field; red cells laid at random would hide as often."""
    white = [(x, y, 70.0) for x in (160.0, 480.0) for y in (120.0, 360.0)]
    counts, hidden = [], 0
    for seed in range(20):
        points = place_red(np.random.default_rng(seed), (640, 480), 60, 20.0, white)
        counts.append(len(points))
        hidden += sum((np.hypot(*(points - (x, y)).T) < 70).sum() for x, y, _ in white)
    assert max(counts) <= 60 and np.median(counts) > 45
    assert 0 < hidden < 0.06 * sum(counts)


def test_red_cells_pile_in_some_fields_and_not_in_others():
    def touching(seed):
        points = place_red(np.random.default_rng(seed), (640, 480), 60, 20.0, [])
        gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        np.fill_diagonal(gaps, np.inf)
        return (gaps.min(1) < 24).mean()

    shares = [touching(seed) for seed in range(30)]
    assert min(shares) < 0.1 and max(shares) > 0.5
