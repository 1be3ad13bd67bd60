import numpy as np
from stand_ins import blob_field, blob_mask, by_trees, cell_engine, cell_reading

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.contract import Contract, Placement, to_field
from leukoscope.images.tiles import cut_tiles, plan_tiles
from leukoscope.runtime.explain import Explain
from leukoscope.runtime.field import Judged, Scaled, Squares
from leukoscope.runtime.infer import Infer
from leukoscope.runtime.sinks.maps import Maps


def placement_in(saved):
    """What a reader of the file makes of it."""
    field_px, inner_px, offset_px, plane_px = (
        tuple(saved[key].tolist()) for key in ("field_px", "inner_px", "offset_px", "plane_px")
    )
    return Placement(field_px, inner_px, offset_px, int(saved["input_px"]), plane_px)


def test_maps_and_what_lays_them_on_the_field(tmp_path, result):
    with Maps(tmp_path) as sink:
        sink.write(result)
    with np.load(tmp_path / "blobs_0.npz", allow_pickle=False) as saved:
        assert saved["cams"].dtype == np.float32
        assert np.array_equal(saved["cams"], result.readings["xincept_all"].arrays["cams"])
        assert saved["classes"].tolist() == list(STAGES)
        assert str(saved["network"]) == "xincept_all" and str(saved["method"]) == "gradcam"
        assert "even_share" not in saved
        place = placement_in(saved)
        heat = to_field(saved["cams"][1], place)
    assert np.allclose(heat / result.evidence.high, result.evidence.heat)


def test_the_trees_maps_are_those_of_every_class(tmp_path, result):
    explained = by_trees(result)
    with Maps(tmp_path) as sink:
        sink.write(explained)
    with np.load(tmp_path / "blobs_0.npz", allow_pickle=False) as saved:
        assert saved["cams"].dtype == np.float32 and saved["classes"].tolist() == list(STAGES)
        assert np.array_equal(saved["cams"], explained.evidence.trees.maps)
        assert str(saved["method"]) == "trees"
        assert saved["even_share"].tolist() == [0.0, 0.125, 0.25, 1.0]


def test_without_xincept_all_they_are_sg_cldffs(tmp_path):
    frame, engine = blob_field(), cell_engine(96)
    readings = cell_reading(frame, engine).readings
    result = Explain()(Judged(frame, readings, blob_mask(frame), None, (), None, ()))
    with Maps(tmp_path) as sink:
        sink.write(result)
    with np.load(tmp_path / "blobs_0.npz") as saved:
        assert saved["classes"].tolist() == list(CELL_TYPES) and saved["cams"].shape == (8, 4, 4)
        assert str(saved["method"]) == "gradcam"


def test_the_maps_of_a_tiled_field_can_be_laid_too(tmp_path):
    frame, engine = blob_field(size_px=(640, 480)), cell_engine(96)
    plan = plan_tiles(frame.size_px, Contract(96), 0.5, 32)
    squares = Squares(cut_tiles(frame.pixels, plan, Contract(96)), plan)
    inferred = Infer({"sg_cldff": engine})(Scaled(frame, {"sg_cldff": squares}))
    judged = Judged(frame, inferred.readings, blob_mask(frame), None, (), None, ())
    with Maps(tmp_path) as sink:
        sink.write(Explain()(judged))
    with np.load(tmp_path / "blobs_0.npz", allow_pickle=False) as saved:
        assert tuple(saved["plane_px"]) == plan.placement.plane_px != (96, 96)
        place = placement_in(saved)
        assert to_field(saved["cams"][0], place).shape == (480, 640)
