"""Both ways find the same on painted fields."""

import numpy as np
import pytest
from cell_ways import ours
from cell_ways.found import matches

from leukoscope.images.painter.field import paint_field

scikit_image = pytest.importorskip("cell_ways.scikit_image", reason="pip install scikit-image", exc_type=ImportError)  # fmt: skip


@pytest.mark.parametrize("stage", ["Early", "Pro"])
def test_both_find_the_painted_cells(stage):
    field = paint_field(stage, 5)
    mine = ours.find_cells(field.mask, 100)
    theirs = scikit_image.find_cells(field.mask, 100, 30)
    assert matches(mine, field).f1 == matches(theirs, field).f1 == 1
    by_area = [sorted(_whole_areas(cells, field.mask.shape)) for cells in (mine, theirs)]
    assert len(by_area[0]) >= 2
    assert np.allclose(*by_area, rtol=0.05)
    assert all(0.5 < one.roundness <= 1 for one in theirs)
    assert all(one.nc_ratio is not None for one in theirs)


def _whole_areas(cells, shape):
    """Of the cells that the border does not cut: there the two differ by intention."""
    for one in cells:
        if all(side.start > 0 and side.stop < end for side, end in zip(one.window, shape, strict=True)):  # fmt: skip
            yield one.area_px


def test_specks_are_no_cells():
    field = paint_field("Early", 5)
    mask = field.mask.copy()
    mask[2:5, 2:5] = 1
    assert len(scikit_image.find_cells(mask, 100, 30)) == len(
        scikit_image.find_cells(field.mask, 100, 30)
    )
