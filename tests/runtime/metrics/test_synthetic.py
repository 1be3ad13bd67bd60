import pytest

from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.instances import typical_area
from leukoscope.runtime.metrics.synthetic import box_iou, score


def row(field, boxes, stage=None, type="blast"):
    cells = [{"box_px": list(box), "type": type} for box in boxes]
    return {"cells": cells, "stage": stage or field.stage}


@pytest.fixture(scope="module")
def field():
    return paint_field("Pre", 7)


def whole(field):
    """Cells that show well enough to be asked for: no slivers, and none that the border cuts in half."""
    height, width = field.mask.shape
    areas = sorted(c.area_px for c in field.cells)
    uncut = [
        c.area_px
        for c in field.cells
        if min(c.box_px[:2]) > 0 and c.box_px[0] + c.box_px[2] < width and c.box_px[1] + c.box_px[3] < height
    ]  # fmt: skip
    least = 0.35 * areas[len(areas) // 2]
    return [
        c.box_px
        for c in field.cells
        if c.area_px >= (least if c.area_px in uncut else max(least, 0.6 * typical_area(uncut)))
    ]


def test_the_field_has_cells_of_both_kinds(field):
    assert 0 < len(whole(field)) < len(field.cells)


def test_a_fragment_at_the_border_counts_neither_way(field):
    boxes = whole(field)
    fragments = [c.box_px for c in field.cells if c.box_px not in boxes]
    for found in (boxes, [*boxes, *fragments]):
        got = score([(row(field, found), field)])
        assert got.cell_precision == got.cell_recall == 1.0 and got.cells == len(boxes)


def test_the_truth_itself_scores_one(field):
    got = score([(row(field, [c.box_px for c in field.cells]), field)])
    assert (got.cell_f1, got.stage_accuracy) == (1.0, 1.0)


def test_a_missed_cell_lowers_recall_and_a_false_one_precision(field):
    boxes = whole(field)
    missed = score([(row(field, boxes[1:]), field)])
    assert missed.cell_recall == pytest.approx(1 - 1 / len(boxes))
    assert missed.cell_precision == 1.0
    false = score([(row(field, [*boxes, (0, 0, 3, 3)]), field)])
    assert false.cell_precision == pytest.approx(len(boxes) / (len(boxes) + 1))


def test_one_box_found_twice_counts_once(field):
    boxes = whole(field)
    assert score([(row(field, [*boxes, boxes[0]]), field)]).cell_precision < 1.0


def test_what_is_no_white_cell_is_not_counted(field):
    assert score([(row(field, whole(field), type="other"), field)]).cell_recall == 0.0


def test_a_wrong_stage_counts(field):
    assert score([(row(field, [], stage="Pro"), field)]).stage_accuracy == 0.0


def test_nothing_at_all_is_zero_and_no_error():
    assert score([]).cell_f1 == 0.0


def test_box_iou():
    assert box_iou((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert box_iou((0, 0, 10, 10), (20, 20, 5, 5)) == 0.0
