import numpy as np
import pytest
from cell_ways import ours
from cell_ways.found import FoundCell, Matches, matches

from leukoscope.images.painter.truth import PaintedCell, PaintedField


def field_of(*boxes, shape=(60, 80)):
    """Square cells at (x, y, side)."""
    instances, mask = np.zeros(shape, np.uint16), np.zeros(shape, np.uint8)
    cells = []
    for number, (x, y, side) in enumerate(boxes, start=1):
        instances[y : y + side, x : x + side] = number
        mask[y : y + side, x : x + side] = 1
        mask[y + 2 : y + side - 2, x + 2 : x + side - 2] = 2
        cells.append(PaintedCell("blast", (x, y, side, side), side * side, (side - 4) ** 2))
    return PaintedField(np.zeros((*shape, 3), np.uint8), mask, instances, tuple(cells), (), "", 0)


def found(x, y, side):
    region = np.ones((side, side), bool)
    window = (slice(y, y + side), slice(x, x + side))
    return FoundCell(window, region, side * side, None, 1.0)


TWO = field_of((10, 10, 20), (40, 20, 16))


def test_all_found_is_one():
    judged = matches([found(10, 10, 20), found(40, 20, 16)], TWO)
    assert judged == Matches(2, 2, 2)
    assert judged.f1 == 1


@pytest.mark.parametrize(
    ("cells", "hits"),
    [
        ([found(10, 10, 20)], 1),
        ([found(10, 10, 20), found(10, 10, 20)], 1),  # twice the same is one hit
        ([found(17, 17, 20)], 0),  # IoU 169 / 631
        ([found(12, 12, 20)], 1),  # IoU 324 / 476
        ([found(60, 5, 10)], 0),
        ([], 0),
    ],
)
def test_hits_by_iou(cells, hits):
    assert matches(cells, TWO) == Matches(hits, 2, len(cells))


def test_cells_at_the_border_are_left_out_on_both_sides():
    cut = field_of((0, 10, 20), (40, 20, 16))
    assert matches([found(0, 10, 20), found(40, 20, 16)], cut) == Matches(1, 1, 1)


def test_counts_add_up_over_fields():
    assert Matches(1, 2, 3) + Matches(1, 1, 1) == Matches(2, 3, 4)


def test_ours_measures_what_is_there():
    cells = ours.find_cells(TWO.mask, 8)
    assert [cell.area_px for cell in cells] == [400, 256]
    assert cells[0].nc_ratio == pytest.approx(16**2 / (400 - 16**2))
    assert matches(cells, TWO).f1 == 1
