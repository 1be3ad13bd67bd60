import numpy as np
import pytest

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.nuclei import FILLS_THE_CELL, NUCLEI, lobed_nucleus
from leukoscope.images.painter.outline import coverage


def shape_of(name, seed):
    """The nucleus as a plane, on a scale at which the cell's radius is 60 px."""
    outlines = [outline * 60 for outline in NUCLEI[name](np.random.default_rng(seed), 0.0)]
    return (coverage(outlines, (150, 150), (300, 300)) >= 0.5).astype(np.uint8)


def solidity(plane):
    """The area over the convex hull's: near 1 for a round nucleus, low for a lobed one."""
    points = cv2.findNonZero(plane)
    return plane.sum() / cv2.contourArea(cv2.convexHull(points))


@pytest.mark.parametrize("name", sorted(NUCLEI))
def test_a_nucleus_is_in_one_piece_and_near_the_middle(name):
    for seed in range(12):
        plane = shape_of(name, seed)
        assert plane.any() and not plane[:30].any() and not plane[:, :30].any()
        assert cv2.connectedComponents(plane)[0] == 2


def test_forms_differ_as_their_names_say():
    typical = {n: np.median([solidity(shape_of(n, s)) for s in range(20)]) for n in NUCLEI}
    assert typical["round"] > 0.95 and typical["oval"] > 0.93 and typical["notched"] > 0.93
    assert typical["segmented"] < 0.8 < typical["kidney"] < 0.96
    assert typical["cleft"] < typical["notched"] - 0.03
    assert typical["two-lobed"] < 0.9


@pytest.mark.parametrize("lobes", [2, 3, 4, 5])
def test_lobes_come_apart_where_the_strands_are_cut(lobes):
    """Shrunken by more than a strand's half-width, the nucleus falls into lobes."""
    pieces = []
    for seed in range(10):
        outlines = lobed_nucleus(np.random.default_rng(seed), lobes, 0.05)
        plane = coverage([o * 60 for o in outlines], (150, 150), (300, 300)) >= 0.5
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
        pieces.append(cv2.connectedComponents(cv2.erode(plane.astype(np.uint8), kernel))[0] - 1)
    assert np.median(pieces) >= min(lobes, 3) and max(pieces) <= lobes


def test_simple_nuclei_are_one_outline():
    for name in FILLS_THE_CELL:
        assert len(NUCLEI[name](np.random.default_rng(1), 0.02)) == 1
