import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, cell_engine, cell_reading

from leukoscope.runtime.cells import FindCells
from leukoscope.runtime.crops import CROP_DIAMETERS, CROPS_AT_ONCE


def found(frame, engine=None):
    engine = engine or cell_engine(224)
    return FindCells(engine)(cell_reading(frame, engine))


def test_cells_are_found_where_they_are_largest_first():
    counted = found(blob_field())
    assert [cell.type for cell in counted.cells] == ["lymphocyte", "lymphocyte"]
    (x, y, w, h), small = counted.cells[0].box_px, counted.cells[1].box_px
    assert abs(x - 30) <= 1 and abs(y - 30) <= 1 and abs(w - 61) <= 2 and abs(h - 61) <= 2
    assert abs(small[0] - 126) <= 1 and abs(small[2] - 49) <= 2


def test_the_measures_are_those_of_the_discs():
    cell = found(blob_field()).cells[0]
    assert cell.area_px == pytest.approx(np.pi * 30**2, rel=0.03)
    assert cell.nc_ratio == pytest.approx(16**2 / (30**2 - 16**2), rel=0.08)
    assert cell.roundness > 0.96


def test_a_touching_neighbours_nucleus_is_not_counted():
    """The window of the bent neighbour's box holds part of the other cell."""
    counted = found(blob_field(((60, 60, 30, 16), (98, 98, 28, 24))))
    ratios = [cell.nc_ratio for cell in counted.cells]
    assert ratios[0] == pytest.approx(16**2 / (30**2 - 16**2), rel=0.12)
    assert ratios[1] == pytest.approx(24**2 / (28**2 - 24**2), rel=0.25)


def test_mask_and_instances_agree_with_the_cells():
    frame = blob_field()
    counted = found(frame)
    assert (counted.mask == blob_mask(frame)).mean() > 0.995
    assert np.array_equal(counted.mask > 0, counted.instances > 0)
    for number, cell in enumerate(counted.cells, start=1):
        assert int((counted.instances == number).sum()) == cell.area_px


def test_specks_leave_the_mask_and_holes_are_filled_by_what_surrounds_them():
    frame = blob_field(((60, 60, 30, 18), (180, 120, 2, 0)))
    frame.pixels[58:63, 58:63] = (240, 230, 235)
    frame.pixels[40:44, 44:48] = (240, 230, 235)
    counted = found(frame)
    assert len(counted.cells) == 1
    assert not counted.mask[115:125, 175:185].any()
    assert (counted.mask[58:63, 58:63] == 2).all(), "in the nucleus"
    assert (counted.mask[40:44, 44:48] == 1).all(), "in the cytoplasm"


def test_the_type_is_read_from_the_cells_own_crop():
    """The stand-in answers 'blast' by the share of nucleus in what it is shown."""
    counted = found(blob_field(((60, 60, 30, 29), (150, 100, 24, 4))))
    assert [cell.type for cell in counted.cells] == ["lymphocyte", "lymphocyte"]
    shares = [cell.probabilities["blast"] for cell in counted.cells]
    area = np.pi / 4 / CROP_DIAMETERS**2
    assert shares[0] == pytest.approx(area * (29 / 30) ** 2, rel=0.05)
    assert shares[1] == pytest.approx(area * (4 / 24) ** 2, abs=0.005)


def test_many_cells_are_typed_in_batches_of_a_bounded_size():
    cells = [(20 + 40 * i, 20 + 40 * j, 12, 5) for i in range(6) for j in range(5)]
    engine = cell_engine(224)
    counted = found(blob_field(tuple(cells), (260, 220)), engine)
    assert len(counted.cells) == 30
    assert engine.backend.batches == [1, CROPS_AT_ONCE, 30 - CROPS_AT_ONCE]


def test_a_field_without_cells_costs_no_second_pass():
    engine = cell_engine(224)
    counted = found(blob_field(()), engine)
    assert counted.cells == () and not counted.mask.any()
    assert engine.backend.batches == [1]


def test_without_sg_cldff_there_is_no_mask():
    counted = FindCells(None)(cell_reading(blob_field(), cell_engine()))
    assert counted.mask is None and counted.instances is None and counted.cells == ()


def test_what_a_crop_cuts_off_a_fragment_at_the_border_is_no_cell():
    """The fragment, too little of a cell, is not sought; the neighbour's crop shows a part of it."""
    counted = found(blob_field(((110, 60, 30, 16), (110, 172, 30, 16)), (220, 160)))
    assert len(counted.cells) == 1
    assert not counted.mask[100:].any()
