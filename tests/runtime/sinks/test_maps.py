import numpy as np
from stand_ins import blob_field, blob_mask, by_trees, cell_engine, cell_reading

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.contract import Placement, to_field
from leukoscope.runtime.explain import Explain
from leukoscope.runtime.field import Judged
from leukoscope.runtime.sinks.maps import Maps


def test_maps_and_what_lays_them_on_the_field(tmp_path, result):
    with Maps(tmp_path) as sink:
        sink.write(result)
    with np.load(tmp_path / "blobs_0.npz", allow_pickle=False) as saved:
        assert saved["cams"].dtype == np.float32
        assert np.array_equal(saved["cams"], result.readings["xincept_all"].arrays["cams"])
        assert saved["classes"].tolist() == list(STAGES)
        assert str(saved["network"]) == "xincept_all" and str(saved["method"]) == "gradcam"
        assert "even_share" not in saved
        place = Placement(
            *(tuple(saved[key].tolist()) for key in ("field_px", "inner_px", "offset_px")),
            int(saved["input_px"]),
        )
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
