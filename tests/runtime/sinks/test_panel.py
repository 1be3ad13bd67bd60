import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, result_of

from leukoscope.runtime.sinks.panel import (
    CELL_LINE,
    NUCLEUS_LINE,
    _free_spot,
    draw_evidence,
    draw_panel,
    outline_mask,
)


def count(picture, colour):
    return int((picture == np.array(colour)).all(-1).sum())


def test_outlines_run_along_cell_and_nucleus(result):
    panel = draw_panel(result, (220, 160))
    for colour, radius in ((CELL_LINE, 30), (NUCLEUS_LINE, 16)):
        ys, xs = np.nonzero((panel == np.array(colour)).all(-1))
        near = np.hypot(xs - 60, ys - 60)
        near = near[near < 40]
        share = (np.abs(near - radius) < 2.5).mean()
        assert len(near) > 5 * radius and share > (0.95 if colour == NUCLEUS_LINE else 0.5)


def test_a_field_without_cells_is_left_alone():
    frame = blob_field(())
    panel = draw_panel(result_of(frame, with_cells=False), (220, 160))
    assert count(panel, CELL_LINE) == count(panel, NUCLEUS_LINE) == 0


def test_an_enlarged_field_keeps_things_in_place(result):
    panel = draw_panel(result, (880, 640))
    ys, xs = np.nonzero((panel == np.array(NUCLEUS_LINE)).all(-1))
    near = np.hypot(xs - 241.5, ys - 241.5)
    assert panel.shape == (640, 880, 3) and (np.abs(near - 64) < 6).sum() > 150


def test_labels_do_not_cover_each_other():
    size, taken = (60, 20), []
    for _ in range(5):
        spot = _free_spot((50, 100, 30, 30), size, (200, 300), taken)
        assert 0 <= spot[0] <= 140 and 0 <= spot[1] <= 280
        for other in taken:
            assert abs(spot[1] - other[1]) >= 20 or abs(spot[0] - other[0]) >= 60
        taken.append((*spot, *size))


def test_a_label_without_room_stays_in_the_picture():
    spot = _free_spot((190, 0, 30, 30), (60, 20), (200, 30), [(0, 0, 200, 30)])
    assert spot == (140, 0)


@pytest.mark.parametrize("ratio", [0.5, 1, 2])
def test_a_mask_is_outlined_where_the_field_shows_it(result, ratio):
    frame = result.frame
    size_px = tuple(round(side * ratio) for side in frame.size_px)
    picture = draw_evidence(frame.pixels, None, size_px)
    outline_mask(picture, blob_mask(frame), ratio)
    ys, xs = np.nonzero((picture == np.array(NUCLEUS_LINE)).all(-1))
    near = np.hypot(xs - 60 * ratio, ys - 60 * ratio)
    near = near[near < 30 * ratio]
    assert len(near) > 20 * ratio and (np.abs(near - 16 * ratio) < 2.5).mean() > 0.9


def test_without_a_map_the_field_is_as_it_was(result):
    pixels = result.frame.pixels
    assert (draw_evidence(pixels, None, result.frame.size_px) == pixels).all()
    assert (draw_evidence(pixels, result.evidence, result.frame.size_px) != pixels).any()
