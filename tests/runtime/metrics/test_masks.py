import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.runtime.metrics.masks import overlap, score_masks

MASK = arrays(np.uint8, (6, 7), elements=st.integers(0, 2))
REGION = {"cell": {1, 2}, "cytoplasm": {1}, "nucleus": {2}}


def sets(mask, region):
    return {at for at, value in np.ndenumerate(mask) if int(value) in REGION[region]}


@given(st.lists(st.tuples(MASK, MASK), min_size=1, max_size=4))
def test_iou_and_dice_are_those_of_the_sets_of_pixels(pairs):
    got = score_masks([overlap(truth, found) for truth, found in pairs])
    for region in REGION:
        both = [(sets(t, region), sets(f, region)) for t, f in pairs]
        joint = sum(len(t | f) for t, f in both)
        expected = sum(len(t & f) for t, f in both) / joint if joint else None
        assert got.iou[region] == (None if expected is None else pytest.approx(expected))
    cells = [(sets(t, "cell"), sets(f, "cell")) for t, f in pairs]
    by_image = [len(t & f) / len(t | f) if t | f else 1.0 for t, f in cells]
    assert got.iou_image_mean == pytest.approx(np.mean(by_image))
    whole = sum(len(t) + len(f) for t, f in cells)
    shared = sum(len(t & f) for t, f in cells)
    assert got.dice == (pytest.approx(2 * shared / whole) if whole else None)


def test_pooling_weighs_by_pixels():
    full, empty = np.ones((10, 10), np.uint8), np.zeros((10, 10), np.uint8)
    dot = empty.copy()
    dot[0, 0] = 1
    got = score_masks([overlap(full, full), overlap(dot, empty)])
    assert got.iou["cell"] == pytest.approx(100 / 101)
    assert got.iou_image_mean == 0.5


def test_a_cytoplasm_called_nucleus_is_still_cell():
    got = score_masks([overlap(np.ones((3, 3), np.uint8), np.full((3, 3), 2, np.uint8))])
    assert got.iou == {"cell": 1.0, "cytoplasm": 0.0, "nucleus": 0.0}


def test_without_images_there_are_no_figures():
    got = score_masks([])
    assert got.iou is None and got.iou_image_mean is None and got.dice is None
