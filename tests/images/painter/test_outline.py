import numpy as np
import pytest

from leukoscope.images.painter.outline import (
    ANGLES,
    area_px2,
    closed,
    coverage,
    dented,
    thick_line,
    wavy_radii,
)

CIRCLE = np.ones(ANGLES.size)


@pytest.mark.parametrize("elongation", [1.0, 1.3, 2.0])
def test_stretching_keeps_the_area(elongation):
    outline = closed(CIRCLE, 10.0, elongation, 0.7)
    assert area_px2(outline) == pytest.approx(np.pi * 100, rel=0.01)
    reach = np.hypot(*outline.T)
    assert reach.max() / reach.min() == pytest.approx(elongation, rel=0.01)


def test_a_turn_turns():
    outline = closed(CIRCLE, 10.0, 2.0, np.pi / 2)
    assert np.ptp(outline[:, 1]) == pytest.approx(2 * np.ptp(outline[:, 0]), rel=0.01)


def test_radii_are_round_without_waves_and_uneven_with():
    assert np.allclose(wavy_radii(np.random.default_rng(1), 0.0), 1)
    drawn = np.array([wavy_radii(np.random.default_rng(s), 0.05) for s in range(200)])
    assert 0.03 < drawn.std(axis=1).mean() < 0.08
    assert np.allclose(drawn.mean(axis=1), 1)


def test_a_dent_is_where_it_was_asked_for():
    radii = dented(CIRCLE, np.pi, 0.4, 0.3)
    assert ANGLES[radii.argmin()] == pytest.approx(np.pi)
    assert radii.min() == pytest.approx(0.6) and radii[0] == pytest.approx(1)


def test_coverage_has_the_outlines_area():
    outline = closed(CIRCLE, 12.3, 1.0, 0.0)
    plane = coverage([outline], (20.4, 19.7), (40, 40))
    assert plane.dtype == np.float32 and plane.min() == 0 and plane.max() == 1
    assert (plane >= 0.5).sum() == pytest.approx(area_px2(outline), rel=0.03)
    rows, columns = np.nonzero(plane >= 0.5)
    assert (columns.mean(), rows.mean()) == pytest.approx((20.4, 19.7), abs=0.05)


def test_coverage_of_overlapping_outlines_is_their_union():
    one = closed(CIRCLE, 8.0, 1.0, 0.0)
    both = coverage([one, one + np.array([3.0, 0.0])], (15, 15), (30, 30))
    assert both[15, 15] == 1 and both[15, 18] == 1
    assert both.sum() > coverage([one], (15, 15), (30, 30)).sum() * 1.2


def test_a_thick_line_covers_its_points():
    points = np.array([[-8.0, 0.0], [0.0, 0.0], [8.0, 0.0]])
    plane = coverage(thick_line(points, np.array([2.0, 4.0, 2.0])), (15, 15), (30, 30))
    assert plane[15, 7] == plane[15, 15] == plane[15, 23] == 1
    assert plane[18, 15] == 1 and plane[19, 7] == 0
