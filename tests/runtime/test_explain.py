import numpy as np
import pytest
from stand_ins import blob_field, blob_mask, cell_engine, cell_reading, stage_reading

from leukoscope.images.classes import STAGES
from leukoscope.images.contract import to_field
from leukoscope.runtime.explain import Explain
from leukoscope.runtime.field import Judged, TreeMaps, Vote

VOTE = Vote(dict(zip(STAGES, (0.1, 0.7, 0.1, 0.1), strict=True)), "Early", "head", "Early")


def explained(cams, mask="cells", vote=VOTE, frame=None):
    frame = frame or blob_field()
    mask = blob_mask(frame) if isinstance(mask, str) else mask
    readings = {"xincept_all": stage_reading(frame, list(vote.probabilities.values()), cams)}
    return Explain()(Judged(frame, readings, mask, None, (), vote, ("before",)))


def spot(k, row, column):
    cams = np.zeros((4, 6, 6), np.float32)
    cams[k, row, column] = 3.0
    return cams


def test_the_map_of_the_voted_class_lies_on_the_field():
    result = explained(spot(1, 2, 1))
    evidence = result.evidence
    assert (evidence.network, evidence.class_name) == ("xincept_all", "Early")
    assert evidence.heat.shape == result.frame.pixels.shape[:2]
    y, x = np.unravel_index(evidence.heat.argmax(), evidence.heat.shape)
    assert abs(x - 55) < 20 and abs(y - 62) < 20, "the second column, third row of six"
    assert evidence.heat.min() == 0 and evidence.heat.max() == 1
    assert evidence.high == pytest.approx(3.0, rel=0.2)


def test_the_share_on_cells_is_that_of_the_map_itself_not_of_what_is_displayed():
    cams = spot(1, 2, 1) + 1
    result = explained(cams)
    energy = to_field(cams[1], result.readings["xincept_all"].placement)
    cell = blob_mask(result.frame) > 0
    assert result.evidence.on_cells == pytest.approx(energy[cell].sum() / energy.sum(), rel=0.01)


def test_an_even_map_looks_even():
    heat = explained(np.ones((4, 6, 6), np.float32) + spot(1, 2, 1) / 100).evidence.heat
    assert heat.min() > 0.9


def test_evidence_beside_the_cells_is_flagged():
    assert explained(spot(1, 2, 1)).flags == ("before",)
    assert explained(spot(1, 4, 0)).flags == ("before", "evidence_off_cells")


@pytest.mark.parametrize("mask", [None, np.zeros((160, 220), np.uint8)], ids=["none", "empty"])
def test_without_cells_nothing_is_off_them(mask):
    assert explained(spot(1, 4, 0), mask).flags == ("before",)


def test_a_map_of_zeros_is_shown_as_nothing():
    result = explained(np.zeros((4, 6, 6), np.float32))
    assert not result.evidence.heat.any() and result.evidence.on_cells is None
    assert result.flags == ("before",)


def test_without_xincept_all_it_is_sg_cldffs_map_of_its_likeliest_class():
    frame, engine = blob_field(), cell_engine(96)
    readings = cell_reading(frame, engine).readings
    result = Explain()(Judged(frame, readings, blob_mask(frame), None, (), None, ()))
    assert (result.evidence.network, result.evidence.class_name) == ("sg_cldff", "lymphocyte")


def test_without_any_reading_there_is_no_evidence():
    assert Explain()(Judged(blob_field(), {}, None, None, (), None, ())).evidence is None


class FixedTrees:
    """Stands in for `MapTrees`."""

    def __init__(self, maps):
        self.maps = TreeMaps(maps, np.array([0.1, 0.2, 0.3, 0.4], np.float32))

    def __call__(self, reading):
        return self.maps


def explained_by_trees(maps, frame=None):
    frame = frame or blob_field()
    readings = {"xincept_all": stage_reading(frame, [0.1, 0.7, 0.1, 0.1], spot(1, 5, 5))}
    judged = Judged(frame, readings, blob_mask(frame), None, (), VOTE, ())
    return Explain(FixedTrees(maps))(judged)


def test_the_trees_map_of_the_voted_class_takes_grad_cams_place():
    result = explained_by_trees(spot(1, 2, 1))
    evidence = result.evidence
    assert (evidence.method, evidence.class_name) == ("trees", "Early")
    assert evidence.even_share == pytest.approx(0.2)
    assert np.array_equal(evidence.grid, spot(1, 2, 1)[1])
    y, x = np.argwhere(evidence.heat == 1).mean(0)
    assert abs(x - 55) < 20 and abs(y - 62) < 20
    assert explained(spot(1, 2, 1)).evidence.method == "gradcam"


def test_what_speaks_against_the_class_stays_negative_and_is_no_evidence_for_it():
    maps = spot(1, 2, 1) - 2 * spot(1, 4, 4)
    evidence = explained_by_trees(maps).evidence
    assert evidence.heat.min() == -1 and 0 < evidence.heat.max() <= 1
    alone = explained_by_trees(spot(1, 2, 1)).evidence
    assert evidence.on_cells == pytest.approx(alone.on_cells, abs=0.02)


def test_one_place_that_outweighs_all_others_does_not_hide_them():
    maps = np.full((4, 12, 12), 0.1, np.float32)
    maps[:, 0, 0] = 10
    evidence = explained_by_trees(maps).evidence
    assert evidence.high < 2 and evidence.heat.max() == 1
    middle = evidence.heat[60:100, 80:140]
    assert middle.min() == pytest.approx(0.1 / evidence.high, rel=1e-3)


def test_a_trees_map_of_one_place_or_none_is_shown_whole_or_as_nothing():
    single = np.zeros((4, 32, 32), np.float32)
    single[1, 16, 16] = -2
    assert explained_by_trees(single).evidence.heat.min() == pytest.approx(-1, abs=0.05)
    evidence = explained_by_trees(np.zeros((4, 6, 6), np.float32)).evidence
    assert not evidence.heat.any() and evidence.on_cells is None


def test_sg_cldffs_own_map_stays_grad_cam():
    frame, engine = blob_field(), cell_engine(96)
    readings = cell_reading(frame, engine).readings
    explain = Explain(FixedTrees(spot(1, 2, 1)))
    result = explain(Judged(frame, readings, blob_mask(frame), None, (), None, ()))
    assert (result.evidence.network, result.evidence.method) == ("sg_cldff", "gradcam")
