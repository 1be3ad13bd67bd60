import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, cell_engine

from leukoscope.images.contract import Placement
from leukoscope.runtime.crops import CropReading, read_crops
from leukoscope.runtime.instances import Instance, find_instances
from leukoscope.runtime.refine import first_seen, refine_mask

ALONE = Placement((40, 40), (40, 40), (0, 0), 40)


def shares_of(index, certainty=0.6):
    """[3, H, W] with `certainty` for the class of each pixel."""
    rest = (1 - certainty) / 2
    return np.stack([np.where(index == k, certainty, rest) for k in range(3)]).astype(np.float32)


def crop(index, top=10, left=20, certainty=0.9):
    window = (slice(top, top + 40), slice(left, left + 40))
    return CropReading(window, ALONE, {}, shares_of(index, certainty))


def test_a_surer_crop_outweighs_the_field_in_its_middle_and_nothing_beside_it():
    field = np.zeros((80, 90), np.uint8)
    shares, before = shares_of(field), shares_of(field)
    refine_mask(field, shares, crop(np.full((40, 40), 2)))
    assert (field[16:44, 26:54] == 2).all()
    outside = np.ones(field.shape, bool)
    outside[10:50, 20:60] = False
    assert not field[outside].any() and np.array_equal(shares[:, outside], before[:, outside])
    assert not field[10, 20:60].any() and not field[10:50, 59].any(), "no seam at the border"


def test_crops_that_overlap_add_up():
    field = np.zeros((80, 90), np.uint8)
    shares = shares_of(field, 0.99)
    sure = crop(np.ones((40, 40), int), certainty=0.6)
    refine_mask(field, shares, sure)
    assert not field.any()
    for _ in range(3):
        refine_mask(field, shares, sure)
    assert (field[25:35, 35:45] == 1).all()


def test_the_refined_mask_of_a_field_is_nearer_to_its_pixels():
    """The field is seen at a quarter of its size, the crops at nearly their own."""
    frame = blob_field(((120, 120, 40, 20), (300, 200, 50, 30)), (440, 320))
    truth = blob_mask(frame)
    coarse = np.kron(truth[::8, ::8], np.ones((8, 8), np.uint8))[: truth.shape[0], : truth.shape[1]]
    mask = coarse.copy()
    cells = find_instances(coarse, 50)
    shares = shares_of(coarse)
    for seen in read_crops(cell_engine(224), frame.pixels, cells):
        refine_mask(mask, shares, seen)
    wrong, still = (coarse != truth).mean(), (mask != truth).mean()
    assert still < 0.3 * wrong


def cell(top, left, side=6):
    return Instance((slice(top, top + side), slice(left, left + side)), np.ones((side, side), bool))


@pytest.mark.parametrize(
    ("refined", "wanted"),
    [
        ([cell(10, 10)], [1]),
        ([cell(30, 30), cell(12, 12)], [2, 1]),
        ([cell(10, 10, 8), cell(15, 15, 3)], [1, None]),
        ([cell(45, 2, 4)], [None]),
        ([], []),
    ],
    ids=["the same", "two in another order", "one fallen into two", "a new one", "none"],
)
def test_cells_are_known_again_by_where_they_lie(refined, wanted):
    instances = np.zeros((50, 50), np.uint16)
    instances[10:18, 10:18] = 1
    instances[28:38, 28:38] = 2
    assert first_seen(refined, instances, 2) == wanted
