from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from toy_bundle import LABORATORY, Toy, write_toy_bundle

from leukoscope.bundle.read import open_bundle
from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.backends.onnxruntime import CPU as ON_PROCESSOR
from leukoscope.runtime.engine import open_engines
from leukoscope.runtime.field import Frame
from leukoscope.runtime.pipeline import for_many_fields, open_pipeline
from leukoscope.runtime.settings import Settings

CPU = Settings(backend=ON_PROCESSOR, threads=1)


@pytest.fixture(scope="module")
def pipeline(toy_bundle):
    return open_pipeline(toy_bundle, CPU)


def test_a_field_goes_all_the_way(pipeline, painted, painted_frame):
    result = pipeline(painted_frame)
    height, width = painted.mask.shape
    assert result.frame is painted_frame
    assert result.mask.shape == result.instances.shape == (height, width)
    assert result.evidence.heat.shape == (height, width)
    assert result.vote.voter == "trees" and result.vote.stage in STAGES
    assert sum(result.vote.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert result.frame_age_ms >= 0
    for cell in result.cells:
        x, y, w, h = cell.box_px
        assert min(x, y) >= 0 and x + w <= width and y + h <= height
        assert sum(cell.probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_painted_cells_are_found(pipeline):
    """The toy's mask knows this stain: most white cells must be matched at IoU 0.5 and few others found."""
    hits = found = there = 0
    for seed in range(30, 34):
        painted = paint_field(STAGES[seed % 4], seed, laboratory=LABORATORY)
        result = pipeline(Frame(painted.image, "p", "p", 0))
        found += len(result.cells)
        there += sum(cell.area_px >= 200 for cell in painted.cells)
        for number in range(1, len(painted.cells) + 1):
            own = painted.instances == number
            if not own.any():
                continue
            best = int(np.bincount(result.instances[own]).argmax())
            shared = int((result.instances[own] == best).sum())
            joint = int(own.sum()) + int((result.instances == best).sum()) - shared
            hits += bool(best) and shared > 0.5 * joint
    assert hits > 0.6 * there and hits > 0.6 * found


def test_the_same_field_at_any_aspect_is_never_stretched(pipeline, painted):
    tall = np.ascontiguousarray(painted.image[:, :200])
    result = pipeline(Frame(tall, "p", "p", 0))
    assert result.mask.shape == (480, 200)


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_a_bundle_with_one_network_works(tmp_path, painted_frame, network):
    toy = Toy(networks=(network,), trees=False)
    result = open_pipeline(write_toy_bundle(tmp_path / "b", toy), CPU)(painted_frame)
    alone = network == "xincept_all"
    assert (result.vote is not None) == alone
    assert (result.mask is None) == alone
    assert result.evidence.network == network
    if alone:
        assert result.vote.voter == "head" and result.cells == ()


def test_the_head_votes_where_it_is_told_to(toy_bundle, painted_frame):
    vote = open_pipeline(toy_bundle, replace(CPU, voter="head"))(painted_frame).vote
    assert vote.voter == "head" and vote.stage == vote.head_stage


def test_head_and_trees_that_disagree_are_flagged_and_the_trees_class_is_shown(
    tmp_path, painted_frame
):
    for favoured in range(4):
        bundle = write_toy_bundle(tmp_path / str(favoured), Toy(head_favours=favoured))
        result = open_pipeline(bundle, CPU)(painted_frame)
        assert result.vote.head_stage == STAGES[favoured]
        disagree = result.vote.stage != STAGES[favoured]
        assert ("voters_disagree" in result.flags) == disagree
        assert result.evidence.class_name == result.vote.stage


TREES = replace(CPU, explain="trees")


def test_the_trees_map_adds_up_to_the_voted_margin_less_its_bias(toy_bundle, painted_frame):
    result = open_pipeline(toy_bundle, TREES)(painted_frame)
    blob = toy_bundle.trees()
    features = result.readings["xincept_all"].arrays["features"][None]
    wanted = blob.margins(features)[0] - blob.contributions(features)[0, :, -1]
    evidence = result.evidence
    assert evidence.method == "trees" and evidence.class_name == result.vote.stage
    np.testing.assert_allclose(evidence.trees.maps.sum((1, 2)), wanted, atol=1e-5)
    assert np.array_equal(evidence.grid, evidence.trees.maps[STAGES.index(result.vote.stage)])
    assert np.abs(wanted).max() > 0.5, "the test has something to lose"


def test_how_the_vote_is_explained_does_not_change_it(toy_bundle, painted_frame):
    plain, trees = (open_pipeline(toy_bundle, one)(painted_frame) for one in (CPU, TREES))
    assert plain.vote == trees.vote and plain.evidence.method == "gradcam"
    assert [cell.box_px for cell in plain.cells] == [cell.box_px for cell in trees.cells]


@pytest.mark.parametrize("networks", [("xincept_all",), ("sg_cldff",), ("xincept_all", "sg_cldff")])
def test_without_trees_there_is_nothing_to_explain(tmp_path, networks):
    bundle = write_toy_bundle(tmp_path / "b", Toy(networks=networks, trees=False))
    with pytest.raises(InputError, match="no trees to explain; give --explain gradcam"):
        open_pipeline(bundle, TREES)


def test_a_graph_without_feature_maps_is_one_clear_error(tmp_path, painted_frame):
    bundle = write_toy_bundle(tmp_path / "b", Toy(swap=("feature_maps", "planes_of_features")))
    assert open_pipeline(bundle, CPU)(painted_frame).vote is not None
    with pytest.raises(InputError, match="gives no feature_maps"):
        open_pipeline(bundle, TREES)(painted_frame)


def test_of_many_fields_calls_go_side_by_side_and_of_a_camera_each_has_all_cores():
    asked = Settings(backend=ON_PROCESSOR)
    for live, fields, at_once in ((False, None, 2), (False, 8, 2), (False, 1, 1), (True, None, 1)):
        assert for_many_fields(asked, live=live, fields=fields).calls_at_once == at_once


def test_calls_side_by_side_share_the_cores(ready_bundle, monkeypatch):
    """Four cores: a call has four, or two where another one is beside it; what is asked for by name holds."""
    monkeypatch.setattr("leukoscope.runtime.engine.available_cores", lambda: 4)
    asked = []
    monkeypatch.setattr(
        "leukoscope.runtime.engine.open_onnxruntime",
        lambda *graph, threads, **how: asked.append(threads) or SimpleNamespace(name=ON_PROCESSOR),
    )
    bundle = open_bundle(ready_bundle)
    for settings in (Settings(backend=ON_PROCESSOR), Settings(backend=ON_PROCESSOR, threads=3)):
        for at_once in (1, 2):
            open_engines(bundle, replace(settings, calls_at_once=at_once), ["sg_cldff"])
    assert asked == [None, 2, 3, 3]
