"""Clumps are parted by their nuclei, large or lobed single cells are not."""

import cv2
import numpy as np

from leukoscope.runtime.instances import find_pieces
from leukoscope.runtime.nuclei import part_clumps


def field(cells, size_px=(420, 300)):
    """Discs (x, y, radius, radius of the nucleus), nuclei above all cytoplasm."""
    mask = np.zeros((size_px[1], size_px[0]), np.uint8)
    for x, y, radius, _ in cells:
        cv2.circle(mask, (x, y), radius, 1, cv2.FILLED)
    for x, y, _, nucleus in cells:
        cv2.circle(mask, (x, y), nucleus, 2, cv2.FILLED)
    return mask


def parted(mask):
    return part_clumps(find_pieces(mask, 30), mask)


ALONE = (350, 230, 40, 30)
THREE = ((100, 100, 40, 30), (164, 100, 40, 30), (132, 154, 40, 30))


def test_three_cells_that_lean_on_one_another_are_three():
    mask = field((ALONE, *THREE))
    mask[110:130, 120:145][mask[110:130, 120:145] == 0] = 1
    cells = parted(mask)
    assert len(cells) == 4
    areas = sorted(int(cell.region.sum()) for cell in cells)
    assert areas[0] > 0.7 * areas[-1]


def test_without_a_cell_that_is_alone_nothing_is_parted():
    mask = field(THREE)
    mask[110:130, 120:145][mask[110:130, 120:145] == 0] = 1
    assert len(parted(mask)) == len(find_pieces(mask, 30))


def test_a_large_round_cell_with_two_lobes_is_one():
    mask = field((ALONE, (130, 120, 60, 0)))
    for x in (108, 152):
        cv2.circle(mask, (x, 120), 20, 2, cv2.FILLED)
    assert len(parted(mask)) == 2


def test_many_lobes_in_an_uneven_outline_are_no_cells():
    mask = field((ALONE, (130, 120, 40, 0), (165, 120, 38, 0)))
    for x, y in ((110, 120), (130, 105), (130, 140), (160, 120), (185, 110)):
        cv2.circle(mask, (x, y), 8, 2, cv2.FILLED)
    assert len(parted(mask)) == len(find_pieces(mask, 30))


def test_parts_cover_the_piece_and_do_not_overlap():
    mask = field((ALONE, *THREE))
    mask[110:130, 120:145][mask[110:130, 120:145] == 0] = 1
    covered = np.zeros(mask.shape, int)
    for cell in parted(mask):
        covered[cell.window] += cell.region
    assert np.array_equal(covered, (mask > 0).astype(int))


def test_a_bent_nucleus_is_one():
    """Its neck alone would part it into two that are too small for nuclei."""
    mask = field((ALONE, *THREE[:2], (132, 154, 40, 0)))
    mask[110:130, 120:145][mask[110:130, 120:145] == 0] = 1
    for x in (115, 149):
        cv2.circle(mask, (x, 162), 19, 2, cv2.FILLED)
    assert len(parted(mask)) == 4
