"""Tiles cover the field, overlap as asked, and join to what they were cut from."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.images.contract import Contract, inner_of, place
from leukoscope.images.tiles import (
    MAX_TILES,
    PITCH_PX,
    cut_tiles,
    join_tiles,
    plan_tiles,
    whole_field,
)

CONTRACT = Contract(96)
SIZES = st.tuples(st.integers(32, 900), st.integers(32, 900))


@settings(deadline=None, max_examples=80)
@given(SIZES, st.floats(0.1, 2.0), st.sampled_from([16, 32, 48]))
def test_neighbours_share_what_was_asked_and_every_place_is_in_a_tile(size_px, step, overlap):
    plan = plan_tiles(size_px, CONTRACT, step, overlap)
    assert len(plan.corners_px) <= MAX_TILES
    for axis in (0, 1):
        starts = sorted({corner[axis] for corner in plan.corners_px})
        assert starts[0] == 0 and starts[-1] + 96 == plan.placement.size_px[axis]
        assert all(b - a <= 96 - overlap for a, b in pairwise(starts))
        assert all(start % PITCH_PX == 0 for start in starts)
        inner, offset = plan.placement.inner_px[axis], plan.placement.offset_px[axis]
        assert offset >= 0 and offset + inner <= plan.placement.size_px[axis]


@settings(deadline=None, max_examples=40)
@given(SIZES, st.floats(0.2, 1.5), st.integers(0, 1000))
def test_what_was_cut_joins_to_the_same_plane(size_px, step, seed):
    field = np.random.default_rng(seed).integers(0, 256, (*size_px[::-1], 3), np.uint8)
    plan = plan_tiles(size_px, CONTRACT, step, 32)
    tiles = cut_tiles(field, plan, CONTRACT)
    assert tiles.shape == (len(plan.corners_px), 96, 96, 3) and tiles.dtype == np.uint8
    plane = join_tiles(tiles.transpose(0, 3, 1, 2).astype(np.float32), plan)
    rows, columns = inner_of(plan.placement)
    outside = np.ones(plane.shape[1:], bool)
    outside[rows, columns] = False
    assert (plane[:, outside] == 255).all(), "padding is white"
    for tile, (x, y) in zip(tiles, plan.corners_px, strict=True):
        cut = plane[:, y : y + 96, x : x + 96].transpose(1, 2, 0)
        assert np.abs(cut - tile).max() < 1e-3, "tiles agree where they overlap"


def test_maps_at_feature_resolution_join_on_their_own_grid():
    plan = plan_tiles((300, 200), CONTRACT, 1.0, 32)
    width, height = plan.placement.size_px
    grid = np.arange(width // 8 * (height // 8), dtype=np.float32).reshape(height // 8, -1)
    tiles = np.stack([grid[y // 8 : y // 8 + 12, x // 8 : x // 8 + 12] for x, y in plan.corners_px])
    assert np.allclose(join_tiles(tiles[:, None], plan)[0], grid)


@pytest.mark.parametrize("size_px", [(96, 96), (640, 480), (33, 400)])
def test_a_whole_field_is_what_the_contract_places(size_px):
    field = np.random.default_rng(1).integers(0, 256, (*size_px[::-1], 3), np.uint8)
    plan = whole_field(size_px, CONTRACT)
    square, placement = place(field, CONTRACT)
    assert np.array_equal(cut_tiles(field, plan, CONTRACT), square[None])
    assert plan.placement == placement and plan.corners_px == ((0, 0),)


def test_too_many_tiles_are_brought_to_a_smaller_scale():
    plan = plan_tiles((4000, 3000), CONTRACT, 3.0, 32)
    assert len(plan.corners_px) <= MAX_TILES and plan.placement.inner_px[0] < 4000
