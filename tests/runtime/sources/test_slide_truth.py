import numpy as np
import pytest

from leukoscope.images.painter.slide_camera import Shot
from leukoscope.images.painter.slide_truth import SlideCell
from leukoscope.runtime.sources.slide_path import Stop
from leukoscope.runtime.sources.slide_shots import Moment
from leukoscope.runtime.sources.slide_truth import SlideTruth

FIELD = (100, 80)


class Slide:
    """Three square cells of 20 px on a slide of 300 x 200."""

    cells = tuple(
        SlideCell(i + 1, "blast", (x, y, 20, 20), 400, 400, (x + 9.5, y + 9.5))
        for i, (x, y) in enumerate(((40, 40), (130, 40), (250, 150)))
    )
    instances = np.zeros((200, 300), np.uint16)
    for cell in cells:
        x, y, width, height = cell.box_px
        instances[y : y + height, x : x + width] = cell.id


def truth(*frames):
    moments = [
        Moment(Shot(corner, defocus_px=0.0 if still else 5.0), stop, still)
        for corner, stop, still in frames
    ]
    stops = [Stop((0.0, 0.0))] * (1 + max((s for _, s, _ in frames if s is not None), default=0))
    return SlideTruth(Slide(), stops, moments, FIELD)


def test_a_cell_is_seen_from_half_of_its_area():
    frames = truth(((0.0, 0.0), 0, True), ((50.0, 0.0), 1, True), ((51.0, 0.0), 1, True))
    assert [frames.seen(i) for i in range(3)] == [{1}, {1, 2}, {2}]
    assert frames.shares(1) == {1: 0.5, 2: 1.0} and frames.shares(2)[1] == 0.45


def test_the_least_share_can_be_another():
    frames = truth(((51.0, 0.0), 0, True))
    assert frames.seen(0, 0.4) == {1, 2} and frames.seen(0, 1.0) == {2}


def test_a_cell_in_many_frames_is_one_cell():
    frames = truth(((0.0, 0.0), 0, True), ((45.0, 3.0), 1, True), ((180.0, 110.0), 2, True))
    assert frames.unique([0, 1, 0]) == {1, 2} and frames.unique(range(3)) == {1, 2, 3}
    assert frames.unique([]) == frozenset()


def test_a_frame_over_the_slide_s_edge_sees_what_is_on_it():
    frames = truth(((-40.0, -20.0), 0, True), ((-500.0, 0.0), 0, True), ((220.0, 130.0), 0, True))
    assert [frames.seen(i) for i in range(3)] == [{1}, set(), {3}]


def test_one_frame_a_stop_and_the_sharp_ones_among_them():
    a, b = (0.0, 0.0), (1.0, 0.0)
    frames = truth((a, 0, True), (b, 0, True), (a, 0, False), (a, None, False), (a, 1, False))
    assert frames.one_a_stop() == (2, 4) and frames.sharpest() == (1,)
    assert frames.corner_px(1) == pytest.approx(b)


def test_the_plane_of_a_frame_is_cut_from_the_slide_s():
    frames = truth(((50.0, 0.0), 0, True), ((-40.0, -20.0), 0, True), ((-500.0, 0.0), 0, True))
    inside, over, off = (frames.plane(i) for i in range(3))
    assert np.array_equal(inside, Slide.instances[:80, 50:150])
    assert over.shape == (80, 100) and (over[60:80, 80:100] == 1).all() and (over > 0).sum() == 400
    assert off.shape == (80, 100) and not off.any()
