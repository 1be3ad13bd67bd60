import numpy as np
import pytest

from leukoscope.images.contract import Contract
from leukoscope.images.tiles import cut_tiles, join_tiles, plan_tiles

tiling = pytest.importorskip("cell_ways.tiling", reason="pip install scikit-image", exc_type=ImportError)  # fmt: skip
CONTRACT = Contract(64)


@pytest.fixture
def field():
    return np.random.default_rng(1).integers(0, 256, (150, 200, 3), np.uint8)


def test_squares_are_ours(field):
    plan = plan_tiles((200, 150), CONTRACT, 1.0, 16)
    cut = tiling.cut_plainly(field, plan, 64, CONTRACT.pad_value)
    assert (cut == cut_tiles(field, plan, CONTRACT)).all()


def test_resized_squares_are_as_many_and_nearly_ours(field):
    smooth = np.repeat(np.repeat(field[::10, ::10], 10, 0), 10, 1)
    plan = plan_tiles((200, 150), CONTRACT, 0.5, 16)
    cut = tiling.cut_plainly(smooth, plan, 64, CONTRACT.pad_value)
    ours = cut_tiles(smooth, plan, CONTRACT)
    assert cut.shape == ours.shape
    assert np.corrcoef(cut.reshape(-1), ours.reshape(-1))[0, 1] > 0.98


def test_joined_planes_are_ours():
    plan = plan_tiles((200, 150), CONTRACT, 1.0, 16)
    maps = np.random.default_rng(2).random((len(plan.corners_px), 2, 64, 64), np.float32)
    assert np.abs(tiling.join_plainly(maps, plan) - join_tiles(maps, plan)).max() < 1e-6
