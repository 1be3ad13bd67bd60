from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, result_of, stage_reading

from leukoscope.images.classes import STAGES
from leukoscope.runtime.field import Vote
from leukoscope.runtime.observation import observe
from leukoscope.runtime.sample import Sample


def sample(frame, mask=None):
    return Sample(frame.pixels, frame.name, "0" * 64, ("Early",), False, mask)


def judged(frame, probabilities, cams):
    vote = Vote(dict(zip(STAGES, probabilities, strict=True)), "-", "trees", "-")
    reading = stage_reading(frame, (0.25,) * 4, np.asarray(cams, np.float32))
    return replace(result_of(frame, vote), readings={"xincept_all": reading})


RAMP = np.arange(36, dtype=np.float32).reshape(6, 6)
FLOAT = (0.1, 0.6, 0.2, 0.1)
VARIANT = (0.1, 0.2, 0.6, 0.1)


def test_a_variant_is_compared_on_the_class_that_the_float_model_voted():
    frame = blob_field()
    reference = judged(frame, FLOAT, [RAMP, RAMP, -RAMP, RAMP])
    variant = judged(frame, VARIANT, [-RAMP, RAMP, -RAMP, -RAMP])
    got = observe("xincept_all", sample(frame), reference, variant, None)
    assert got.rank_agreement == got.top_overlap == 1.0
    assert got.flipped and got.voted == 2
    assert got.probabilities.tolist() == pytest.approx(VARIANT)


def test_a_model_agrees_with_itself():
    frame = blob_field()
    one = judged(frame, FLOAT, [RAMP] * 4)
    got = observe("xincept_all", sample(frame), one, one, None)
    assert got.rank_agreement == got.top_overlap == 1.0 and not got.flipped


def test_the_voters_probabilities_count_not_the_heads():
    frame = blob_field()
    got = observe(*["xincept_all", sample(frame), *[judged(frame, FLOAT, [RAMP] * 4)] * 2], None)
    assert got.probabilities.tolist() == pytest.approx(FLOAT)


def test_energy_lies_on_the_true_cells_and_else_on_the_found_ones():
    frame = blob_field()
    flat = judged(frame, FLOAT, np.ones((4, 6, 6)))
    cells = blob_mask(frame)
    half = np.zeros_like(cells)
    half[:, :110] = 1
    share = (cells > 0).mean()
    for mask, found, expected in ((cells, half, share), (None, half, 0.5)):
        got = observe("xincept_all", sample(frame, mask), flat, flat, found)
        assert got.energy_on_cell == pytest.approx(expected, rel=1e-4)
        assert got.cell_share == pytest.approx(expected)


@pytest.mark.parametrize("cells", [None, "empty"])
def test_without_cells_energy_and_share_are_undefined(cells):
    frame = blob_field()
    flat = judged(frame, FLOAT, np.ones((4, 6, 6)))
    found = None if cells is None else np.zeros((160, 220), np.uint8)
    got = observe("xincept_all", sample(frame), flat, flat, found)
    assert got.energy_on_cell is None and got.cell_share is None


def test_a_zero_map_has_no_energy_and_its_share_is_left_out_too():
    frame = blob_field()
    zero = judged(frame, FLOAT, np.zeros((4, 6, 6)))
    got = observe("xincept_all", sample(frame, blob_mask(frame)), zero, zero, None)
    assert got.energy_on_cell is None and got.cell_share is None


def test_overlap_is_counted_at_the_masks_own_size():
    frame = blob_field()
    result = judged(frame, FLOAT, [RAMP] * 4)
    large = np.repeat(np.repeat(blob_mask(frame), 2, 0), 2, 1)
    got = observe("xincept_all", sample(frame, large), result, result, None)
    assert got.overlap.truth_px == got.overlap.found_px == got.overlap.shared_px
    assert got.overlap.truth_px[0] == 4 * int((blob_mask(frame) > 0).sum())


def test_sg_cldffs_type_is_that_of_its_largest_cell_else_of_the_whole_frame():
    frame = blob_field()
    result = result_of(frame)
    head = np.full(8, 0.05, np.float32)
    head[0] = 0.65
    arrays = {"probabilities": head, "cams": np.ones((8, 4, 4), np.float32)}
    from leukoscope.images.classes import CELL_TYPES
    from leukoscope.runtime.field import Reading

    placement = result.readings["xincept_all"].placement
    reading = Reading(CELL_TYPES, arrays, placement)
    found = replace(result, readings={"sg_cldff": reading}, vote=None)
    assert observe("sg_cldff", sample(frame), found, found, None).voted == 6
    bare = replace(found, cells=())
    assert observe("sg_cldff", sample(frame), bare, bare, None).voted == 0
