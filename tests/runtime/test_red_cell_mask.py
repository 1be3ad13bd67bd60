import cv2
import numpy as np
import pytest

from leukoscope.runtime.red_cell_mask import find_cells, three_classes

GROUND, RED, NUCLEUS = 220, 150, 40


def field(red=((60, 60, 20), (160, 110, 20)), nuclei=((110, 60, 14),)):
    """Green of a reduced field: discs (x, y, radius) on even ground."""
    green = np.full((160, 220), GROUND, np.uint8)
    for level, circles in ((RED, red), (NUCLEUS, nuclei)):
        for x, y, radius in circles:
            cv2.circle(green, (x, y), radius, level, cv2.FILLED)
    return green


def share_right(mask, truth):
    return np.mean((mask > 0) == truth)


def test_ground_cells_and_nuclei_are_told_apart():
    green = field()
    found = find_cells(green)
    assert share_right(found.cells, green < 200) > 0.99
    assert share_right(found.nuclei, green == NUCLEUS) > 0.99
    assert found.contrast == pytest.approx(GROUND - RED, abs=6)


def test_without_nuclei_there_is_no_class_for_them():
    assert find_cells(field(nuclei=())).nuclei is None


def test_piled_red_cells_are_no_nuclei():
    green = field(nuclei=())
    cv2.circle(green, (60, 60), 12, RED - 30, cv2.FILLED)
    assert find_cells(green).nuclei is None


def test_an_uneven_lamp_makes_no_cells():
    green = field().astype(np.float32)
    lamp = np.linspace(0.6, 1.0, green.shape[1], dtype=np.float32)
    found = find_cells((green * lamp).round().astype(np.uint8))
    assert share_right(found.cells, field() < 200) > 0.98


def test_flat_fields_have_no_contrast():
    assert find_cells(np.full((60, 80), 180, np.uint8)).contrast < 1


def test_three_levels_are_three_classes():
    levels = np.repeat(np.array([10, 90, 200], np.uint8), [600, 300, 100]).reshape(25, 40)
    edges, means, shares = three_classes(levels)
    assert 10 < edges[0] <= 90 < edges[1] <= 200
    assert means == pytest.approx((10, 90, 200), abs=2)
    assert shares == pytest.approx((0.6, 0.3, 0.1))
