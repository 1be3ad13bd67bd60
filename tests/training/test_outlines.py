import numpy as np
import pytest

from leukoscope.images.contract import Contract
from leukoscope.training.outlines import mended, outlined, with_outline


def shares_of(cell, nucleus):
    """Probabilities [3, H, W] from two regions."""
    shares = np.zeros((3, *cell.shape), np.float32)
    shares[2] = np.where(nucleus, 0.95, 0.02)
    shares[1] = np.where(cell & ~nucleus, 0.9, 0.03)
    shares[0] = 1 - shares[1:].sum(0)
    return shares


def disc(side, centre, radius):
    down, across = np.ogrid[:side, :side]
    return (down - centre[0]) ** 2 + (across - centre[1]) ** 2 <= radius**2


CELL, NUCLEUS = disc(120, (60, 62), 32), disc(120, (58, 60), 15)


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def test_a_whole_cell_stays_as_it_is():
    mask = mended(shares_of(CELL, NUCLEUS))
    assert iou(mask > 0, CELL) > 0.97 and iou(mask == 2, NUCLEUS) > 0.97


@pytest.mark.parametrize(
    "fault",
    [disc(120, (62, 78), 10), disc(120, (60, 92), 12), disc(120, (36, 62), 4)],
    ids=["hole", "bite", "nick"],
)
def test_holes_and_bites_are_mended(fault):
    mask = mended(shares_of(CELL & ~fault, NUCLEUS & ~fault))
    assert iou(mask > 0, CELL) > 0.93
    assert (mask[fault & CELL & ~NUCLEUS] == 1).mean() > 0.6


def test_only_the_cell_in_the_middle_counts():
    other = disc(120, (14, 14), 13)
    mask = mended(shares_of(CELL | other, NUCLEUS))
    assert not (mask[other] > 0).any() and iou(mask > 0, CELL) > 0.97


@pytest.mark.parametrize(
    "shares",
    [
        shares_of(np.zeros((90, 90), bool), np.zeros((90, 90), bool)),
        shares_of(np.ones((90, 90), bool), np.zeros((90, 90), bool)),
        shares_of(disc(90, (45, 45), 4), np.zeros((90, 90), bool)),
        np.stack([np.full((90, 90), v, np.float32) for v in (0.58, 0.3, 0.12)]),
    ],
    ids=["nothing", "everything", "speck", "doubt"],
)
def test_what_cannot_be_believed_is_left_without_a_mask(shares):
    assert mended(shares) is None


def test_a_network_outlines_pictures_at_their_own_size(make_picture, oracle_masks):
    pictures = [make_picture((2,), masked=False, size_px=(90, 70)) for _ in range(3)]
    found = outlined(oracle_masks(), pictures, Contract(64))
    assert sorted(found) == [0, 1, 2]
    shown = with_outline(pictures[0], found[0])
    assert shown.mask.shape == (70, 90) and not shown.drawn
    (cell,) = shown.cells
    assert cell.target == (2,)
    assert np.hypot(cell.centre_px[0] - 44.5, cell.centre_px[1] - 34.5) < 4
