import cv2
import numpy as np
import pytest

from leukoscope.runtime.shape import equivalent_diameter, nucleus_ratio, roundness


def ellipse(a: int, b: int) -> np.ndarray:
    canvas = np.zeros((2 * b + 9, 2 * a + 9), np.uint8)
    cv2.ellipse(canvas, (a + 4, b + 4), (a, b), 0, 0, 360, 1, cv2.FILLED)
    return canvas > 0


@pytest.mark.parametrize("radius", [8, 15, 40, 120])
def test_a_disc_is_round(radius):
    assert roundness(ellipse(radius, radius)) > 0.96


@pytest.mark.parametrize("ratio", [2, 3, 4])
def test_an_ellipse_is_as_round_as_ramanujan_says(ratio):
    a, b = 20 * ratio, 20
    h = ((a - b) / (a + b)) ** 2
    perimeter = np.pi * (a + b) * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h)))
    assert roundness(ellipse(a, b)) == pytest.approx(
        4 * np.pi * np.pi * a * b / perimeter**2, rel=0.05
    )


def test_roundness_is_never_above_one_and_none_is_zero():
    assert roundness(np.ones((1, 1), bool)) <= 1
    assert roundness(np.ones((3, 3), bool)) <= 1
    assert roundness(np.zeros((5, 5), bool)) == 0


def test_touching_the_windows_edge_does_not_open_the_outline():
    tight = ellipse(20, 20)[4:-4, 4:-4]
    assert roundness(tight) == pytest.approx(roundness(ellipse(20, 20)))


def test_nucleus_ratio():
    assert nucleus_ratio(np.array([[0, 1, 1], [2, 1, 1]], np.uint8)) == 0.25
    assert nucleus_ratio(np.array([[0, 2]], np.uint8)) is None
    assert nucleus_ratio(np.array([[0, 1]], np.uint8)) == 0.0


def test_equivalent_diameter():
    assert equivalent_diameter(np.pi * 25) == pytest.approx(10)
