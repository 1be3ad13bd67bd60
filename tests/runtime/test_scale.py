from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field

from leukoscope.images.contract import Contract, place
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.scale import (
    WHITE_CELL_UM,
    Scale,
    comfortable_least,
    plan_of,
    wanted_diameter,
)

TRAINED = Contract(96, white_cell_px=(16, 36, 60))


def test_each_network_gets_the_field_by_its_own_contract():
    frame = blob_field()
    contracts = {"a": Contract(64), "b": Contract(96, pad_value=0)}
    scaled = Scale(contracts)(frame)
    assert scaled.frame is frame
    for name, contract in contracts.items():
        pixels, placement = place(frame.pixels, contract)
        assert np.array_equal(scaled.squares[name].pixels, pixels[None])
        assert scaled.squares[name].plan.placement == placement


@pytest.mark.parametrize(
    ("whole_px", "wanted"),
    [(19.0, comfortable_least((16, 36, 60))), (19.5, None), (36.0, None), (74.0, None), (76.0, 60)],
)
def test_a_scale_is_left_as_it_is_within_a_quarter_of_what_training_showed(whole_px, wanted):
    assert wanted_diameter(whole_px, (16, 36, 60)) == wanted


def test_a_field_with_small_cells_is_cut_into_tiles_at_the_trained_scale():
    um_per_px = WHITE_CELL_UM / 24
    plan = plan_of((480, 360), TRAINED, um_per_px)
    assert len(plan.corners_px) > 4
    assert plan.placement.inner_px == pytest.approx((480, 360), abs=1), "24 px is what is wanted"


def test_a_field_with_huge_cells_is_made_small():
    plan = plan_of((220, 160), TRAINED, WHITE_CELL_UM / 300)
    assert plan.corners_px == ((0, 0),)
    assert plan.placement.inner_px == (round(220 * 60 / 300), round(160 * 60 / 300))
    assert plan.placement.size_px == (96, 96)


def test_without_a_known_scale_it_is_the_whole_field():
    assert plan_of((640, 480), TRAINED, None).corners_px == ((0, 0),)
    assert plan_of((640, 480), Contract(96), 0.1).corners_px == ((0, 0),)


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_the_same_field_at_another_size_is_cut_alike(factor):
    frame = blob_field(size_px=(round(640 * factor), round(480 * factor)))
    known = FieldScale(WHITE_CELL_UM / 24 / factor, "given")
    squares = Scale({"a": TRAINED})(replace(frame, scale=known)).squares["a"]
    once = plan_of((640, 480), TRAINED, WHITE_CELL_UM / 24)
    assert squares.plan.corners_px == once.corners_px
    assert squares.pixels.shape == (len(once.corners_px), 96, 96, 3)
