import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import blob_field, blob_mask, cell_engine

from leukoscope.images.contract import Placement
from leukoscope.runtime.crops import CropReading, read_crops, spot_of
from leukoscope.runtime.instances import Instance, find_instances
from leukoscope.runtime.refine import first_seen, index_of, join_windows, refined_parts

ALONE = Placement((40, 40), (40, 40), (0, 0), 40)


def shares_of(index, certainty=0.6):
    """[3, H, W] with `certainty` for the class of each pixel."""
    rest = (1 - certainty) / 2
    return np.stack([np.where(index == k, certainty, rest) for k in range(3)]).astype(np.float32)


def crop(index, top=10, left=20, certainty=0.9):
    window = (slice(top, top + 40), slice(left, left + 40))
    return CropReading(window, ALONE, {}, shares_of(index, certainty))


FIELD = Placement((90, 80), (90, 80), (0, 0), 90)


def drawn(shares, crops):
    """The whole field's mask."""
    mask = np.zeros((80, 90), np.uint8)
    plane = np.zeros((3, 90, 90), np.float32)
    plane[:, :80] = shares
    for window, part in refined_parts(plane, FIELD, crops):
        mask[window] = part
    return mask


def test_a_surer_crop_outweighs_the_field_in_its_middle_and_nothing_beside_it():
    field = np.zeros((80, 90), np.uint8)
    field[10:50, 20:60] = 1
    mask = drawn(shares_of(field), [crop(np.full((40, 40), 2))])
    assert (mask[16:44, 26:54] == 2).all()
    outside = np.ones(field.shape, bool)
    outside[10:50, 20:60] = False
    assert not mask[outside].any(), "nothing is drawn beside the crops"
    assert (mask[10, 20:60] == 1).all() and (mask[10:50, 59] == 1).all(), "no seam at the border"


def test_crops_that_overlap_add_up():
    shares = shares_of(np.zeros((80, 90), np.uint8), 0.99)
    sure = crop(np.ones((40, 40), int), certainty=0.6)
    assert not drawn(shares, [sure]).any()
    assert (drawn(shares, [sure] * 4)[25:35, 35:45] == 1).all()


def test_the_refined_mask_of_a_field_is_nearer_to_its_pixels():
    """The field is seen at a quarter of its size, the crops at nearly their own."""
    frame = blob_field(((120, 120, 40, 20), (300, 200, 50, 30)), (440, 320))
    truth = blob_mask(frame)
    coarse = np.kron(truth[::8, ::8], np.ones((8, 8), np.uint8))[: truth.shape[0], : truth.shape[1]]
    spots = [spot_of(one) for one in find_instances(coarse, 50)]
    place = Placement((440, 320), (440, 320), (0, 0), 440)
    plane = np.zeros((3, 440, 440), np.float32)
    plane[:, :320] = shares_of(coarse)
    mask = np.zeros_like(coarse)
    for window, part in refined_parts(
        plane, place, list(read_crops(cell_engine(224), frame.pixels, spots))
    ):
        mask[window] = part
    wrong, still = (coarse != truth).mean(), (mask != truth).mean()
    assert still < 0.3 * wrong


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 40), st.integers(1, 40)),
        max_size=12,
    )
)
def test_joined_windows_hold_all_and_do_not_overlap(boxes):
    windows = [(slice(y, y + h), slice(x, x + w)) for x, y, w, h in boxes]
    joined = join_windows(windows)
    assert sorted(n for _, members in joined for n in members) == list(range(len(windows)))
    covered = np.zeros((140, 140), int)
    for (rows, columns), members in joined:
        covered[rows, columns] += 1
        for n in members:
            assert rows.start <= windows[n][0].start and windows[n][0].stop <= rows.stop
            assert columns.start <= windows[n][1].start and windows[n][1].stop <= columns.stop
    assert covered.max(initial=0) <= 1


@given(st.integers(0, 2**32 - 1))
def test_the_likeliest_class_is_argmax_ties_included(seed):
    shares = np.random.default_rng(seed).integers(0, 4, (3, 7, 9)).astype(np.float32)
    assert np.array_equal(index_of(shares), shares.argmax(0))


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
    assert first_seen(refined, instances, Placement((50, 50), (50, 50), (0, 0), 50), 2) == wanted
