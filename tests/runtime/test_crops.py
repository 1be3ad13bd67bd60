import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, cell_engine

from leukoscope.images.contract import Contract, inner_of, place
from leukoscope.runtime.crops import (
    Spot,
    crop_cells,
    crop_window,
    read_crops,
    spot_of,
    spot_on_plane,
)
from leukoscope.runtime.field import Frame
from leukoscope.runtime.instances import find_instances


def test_a_crop_is_a_square_of_two_diameters_around_the_cell():
    rows, columns = crop_window(Spot((90, 40, 20, 20), np.pi * 100), (300, 200))
    assert (rows.start, rows.stop) == (30, 70)
    assert (columns.start, columns.stop) == (80, 120)


def test_a_crop_at_the_border_is_clipped_and_padded_by_the_contract():
    frame = blob_field(((2, 80, 20, 0),))
    rows, columns = crop_window(Spot((0, 60, 23, 41), np.pi * 400), frame.size_px)
    assert columns.start == 0 and columns.stop < rows.stop - rows.start
    cell = [spot_of(one) for one in find_instances(blob_mask(frame), 10)]
    ((window, crop, _),) = crop_cells(frame.pixels, cell, Contract(64))
    assert window[1].start == 0
    assert crop.shape == (64, 64, 3)
    assert (crop[:, 0] == 255).all() and (crop[:, -1] == 255).all()


def test_each_cell_has_its_own_reading_in_its_place():
    frame = blob_field(((60, 60, 30, 29), (150, 100, 24, 4)))
    cells = [spot_of(one) for one in find_instances(blob_mask(frame), 10)]
    first, second = read_crops(cell_engine(96), frame.pixels, cells)
    assert first.window[0].start < 60 < first.window[0].stop and second.window[1].stop > 150
    assert first.mask.shape == second.mask.shape == (3, 96, 96)
    assert first.probabilities["blast"] > second.probabilities["blast"]


def test_a_cell_of_the_networks_plane_has_its_crop_in_the_field():
    frame = blob_field(((120, 80, 32, 10),), (320, 240))
    whole = find_instances(blob_mask(frame), 10)
    square, placement = place(frame.pixels, Contract(96))
    rows, columns = inner_of(placement)
    small = find_instances(blob_mask(Frame(square, "", "", 0))[rows, columns], 10)
    spot, wanted = spot_on_plane(small[0], placement), spot_of(whole[0])
    assert spot.area_px == pytest.approx(wanted.area_px, rel=0.1)
    assert spot.box_px == pytest.approx(wanted.box_px, abs=4)
