import cv2
import numpy as np
import pytest

from leukoscope.runtime.splitting import convexity, grow, split_touching


def discs(*circles):
    canvas = np.zeros((120, 180), np.uint8)
    for x, y, radius in circles:
        cv2.circle(canvas, (x, y), radius, 1, cv2.FILLED)
    return canvas > 0


def test_splitting_covers_the_piece_exactly():
    piece = discs((60, 60, 20), (95, 60, 20))
    labels = split_touching(piece)
    assert np.array_equal(labels > 0, piece)
    assert set(np.unique(labels)) == {0, 1, 2}


def test_a_line_between_two_discs_runs_through_the_neck():
    labels = split_touching(discs((60, 60, 20), (95, 60, 20)))
    left, right = labels[60, 45], labels[60, 110]
    assert left != right
    assert (labels[discs((58, 60, 15))] == left).all()
    assert (labels[discs((97, 60, 15))] == right).all()


def test_one_cell_has_one_label():
    cell = discs((60, 60, 25))
    assert np.array_equal(split_touching(cell), cell.astype(np.int32))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 40)])
def test_slivers_are_one_piece(shape):
    assert np.array_equal(split_touching(np.ones(shape, bool)), np.ones(shape, np.int32))


def test_growing_gives_the_nearest_seed():
    seeds = np.zeros((1, 7), np.int32)
    seeds[0, 0], seeds[0, 6] = 3, 8
    region = np.ones((1, 7), bool)
    region[0, 5] = False
    grow(seeds, region)
    assert seeds.tolist() == [[3, 3, 3, seeds[0, 3], 8, 0, 8]] and seeds[0, 3] in (3, 8)


def test_convexity():
    assert convexity(discs((60, 60, 25))) > 0.97
    ring = discs((60, 60, 40)) & ~discs((100, 60, 30))
    assert convexity(ring) < 0.9
    assert convexity(np.ones((1, 5), bool)) == 1.0
