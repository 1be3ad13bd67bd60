from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field
from stream_made import Fields

from leukoscope.bundle.read import open_bundle
from leukoscope.images.contract import Contract
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.picture_flags import SCALE_OFF, picture_flags

CONTRACT = Contract(96, white_cell_px=(16, 36, 60))


@pytest.fixture
def flags(ready_bundle):
    return picture_flags(Fields(1), open_bundle(ready_bundle), [CONTRACT], lambda text: None)


def flagged(flags, scale, size_px=(640, 480)):
    frame = replace(blob_field((), size_px), scale=scale)
    return SCALE_OFF in flags(frame)


@pytest.mark.parametrize(
    ("red_cell_px", "off"), [(37.5, False), (31, False), (47, True), (29, True)]
)
def test_a_given_scale_that_the_red_cells_contradict_is_flagged(flags, red_cell_px, off):
    assert flagged(flags, FieldScale(0.2, "given", red_cell_px)) == off


def test_a_field_too_large_for_its_tiles_is_flagged(flags):
    assert not flagged(flags, FieldScale(0.5, "given"), (900, 700))
    assert flagged(flags, FieldScale(2.0, "given"), (7000, 6000))


def test_colours_unlike_all_are_flagged_beside_it(flags):
    green = np.zeros((480, 640, 3), np.uint8)
    green[:] = (40, 220, 60)
    green[100:300, 100:300] = (10, 90, 20)
    frame = replace(blob_field((), (640, 480)), pixels=green)
    assert flags(frame) == ("colour_drift",)
