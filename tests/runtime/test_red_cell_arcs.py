import cv2
import numpy as np
import pytest

from leukoscope.runtime.red_cell_arcs import find_arcs


def discs(*circles, size_px=(200, 160)):
    """0 or 255: discs (x, y, radius)."""
    mask = np.zeros(size_px[::-1], np.uint8)
    for x, y, radius in circles:
        cv2.circle(mask, (x, y), radius, 255, cv2.FILLED)
    return mask


@pytest.mark.parametrize("radius", [6, 12, 30, 60])
def test_one_disc_is_one_whole_circle(radius):
    arcs = find_arcs(discs((100, 80, radius)))
    assert len(arcs.radius_px) == 1
    assert arcs.radius_px[0] == pytest.approx(radius + 0.5, abs=0.6)
    assert (arcs.x_px[0], arcs.y_px[0]) == pytest.approx((100, 80), abs=0.6)
    assert arcs.extent_rad[0] > 0.9 * 2 * np.pi


def test_overlapping_discs_are_parted_at_their_dents():
    arcs = find_arcs(discs((60, 80, 30), (105, 80, 30)))
    assert sorted(np.round(arcs.x_px)) == pytest.approx([60, 105], abs=2)
    assert arcs.radius_px == pytest.approx([30.5, 30.5], rel=0.05)
    assert (arcs.extent_rad < 5.5).all()


def test_discs_of_two_sizes_in_one_heap():
    arcs = find_arcs(discs((60, 80, 35), (110, 80, 20)))
    assert sorted(arcs.radius_px) == pytest.approx([20.5, 35.5], rel=0.06)


def test_a_hole_is_no_cell():
    mask = discs((100, 80, 40))
    cv2.circle(mask, (100, 80), 20, 0, cv2.FILLED)
    arcs = find_arcs(mask)
    assert arcs.radius_px == pytest.approx([40.5], rel=0.05)


def test_what_the_border_cuts_is_fitted_by_what_is_seen():
    arcs = find_arcs(discs((100, 10, 30)))
    assert arcs.radius_px == pytest.approx([30.5], rel=0.06)
    assert arcs.extent_rad[0] < 0.75 * 2 * np.pi


def test_a_sliver_at_the_border_does_not_say_its_radius():
    assert len(find_arcs(discs((100, -24, 30))).radius_px) == 0


def test_a_square_is_no_circle():
    mask = np.zeros((160, 200), np.uint8)
    mask[40:120, 60:140] = 255
    arcs = find_arcs(mask)
    assert not any(
        abs(radius - 45) < 6 and extent > 5
        for radius, extent in zip(arcs.radius_px, arcs.extent_rad, strict=True)
    )


@pytest.mark.parametrize("level", [0, 255])
def test_nothing_and_everything_have_no_arcs(level):
    arcs = find_arcs(np.full((60, 80), level, np.uint8))
    assert len(arcs.x_px) == len(arcs.y_px) == len(arcs.radius_px) == len(arcs.extent_rad) == 0
