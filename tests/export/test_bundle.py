"""The whole export on the toy, whose graph is made once; torch, ONNX Runtime and the bundle are the real ones."""

import json

import numpy as np
import onnx
import pytest
import torch

from leukoscope.bundle.golden import read_golden
from leukoscope.bundle.read import open_bundle
from leukoscope.errors import GateError, InputError, UsageError
from leukoscope.export import bundle as room
from leukoscope.export.bundle import export_bundle
from leukoscope.export.sources import Source
from leukoscope.images.contract import Contract
from leukoscope.images.opencv import cv2


def source_of(toy, *, trained=True, name="xincept_all"):
    return Source(
        network=toy.network,
        size="toy",
        contract=Contract(toy.network.input_px),
        trained=trained,
        provenance={"training_images": [], "weights": "toy"},
        images_of_trees=("d" * 64,),
    )


@pytest.fixture
def with_toy(toy, monkeypatch):
    """Exports the toy in place of a checkpoint, with the graph that the session has made already."""

    def use(*, trained=False, data=None):
        source = source_of(toy, trained=trained)
        monkeypatch.setattr(room, "gather", lambda *_: {"xincept_all": source})
        model = toy.model if data is None else onnx.load_model_from_string(data)
        monkeypatch.setattr(room, "onnx_graph", lambda _: model)

    return use


def trees_file(tmp_path, features=24, classes=4, note=None):
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(80, features)), np.arange(80) % classes
    settings = {"objective": "multi:softprob", "num_class": classes, "max_depth": 2, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(x, y), num_boost_round=2)
    path = tmp_path / "trees.json"
    if note is not None:
        booster.set_attr(leukoscope=json.dumps(note))
    booster.save_model(path)
    return path


def test_writes_a_bundle_that_opens(with_toy, toy, tmp_path):
    with_toy()
    root = export_bundle([], trees_file(tmp_path), tmp_path / "bundle")
    bundle = open_bundle(root)
    assert root == tmp_path / "bundle"
    entry = bundle.network("xincept_all")
    assert entry.classes == toy.network.classes
    assert entry.cam_grid == (8, 8)
    assert entry.cam_target == "body"
    assert entry.temperature == pytest.approx(1.7)
    assert entry.parameters == sum(p.numel() for p in toy.network.parameters())
    assert not entry.trained
    parity = entry.variants["fp32"].parity
    assert parity["cams"]["max_error"] < parity["cams"]["tolerance"] == 1e-4
    assert (parity["frames"], parity["data"]) == (10, "10 painted")
    assert bundle.graph("xincept_all", "fp32") == toy.data
    trees = bundle.manifest.trees
    assert (trees.network, trees.features, trees.trees) == ("xincept_all", 24, 8)
    assert trees.provenance["training_images"] == ["d" * 64]
    golden = read_golden(bundle.read_bytes("golden.npz"))
    assert golden["xincept_all/frames"].shape == (2, 32, 32, 3)
    assert "xincept_all/fp32/cams" in golden


def test_real_images_join_the_proof(with_toy, tmp_path):
    with_toy()
    for index in range(3):
        path = tmp_path / "smears" / "Pro" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((50, 60, 3), 60 * index, np.uint8))
    root = export_bundle([], None, tmp_path / "b", parity_data=tmp_path / "smears")
    parity = open_bundle(root).network("xincept_all").variants["fp32"].parity
    assert (parity["frames"], parity["data"]) == (13, "10 painted, 3 of smears")


def test_a_graph_that_is_not_the_network_leaves_nothing(with_toy, toy, tmp_path):
    wrong = onnx.ModelProto()
    wrong.CopyFrom(toy.model)
    head = next(t for t in wrong.graph.initializer if t.name == "head.weight")
    values = onnx.numpy_helper.to_array(head).copy()
    values *= 1.01
    head.CopyFrom(onnx.numpy_helper.from_array(values, head.name))
    with_toy(data=wrong.SerializeToString())
    with pytest.raises(GateError, match="differ from torch's"):
        export_bundle([], None, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_the_old_bundle(with_toy, tmp_path, monkeypatch):
    with_toy()
    root = export_bundle([], None, tmp_path / "bundle")
    before = (root / "manifest.json").read_bytes()
    monkeypatch.setattr(room, "check", raiser(GateError("missed")))
    with pytest.raises(GateError):
        export_bundle([], None, root)
    assert (root / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def raiser(error):
    def fail(*_, **__):
        raise error

    return fail


def test_a_folder_that_is_no_bundle_is_refused_at_once(with_toy, tmp_path, monkeypatch):
    (tmp_path / "precious.txt").write_text("mine")
    monkeypatch.setattr(room, "gather", raiser(AssertionError("too late")))
    with pytest.raises(InputError, match="is no bundle"):
        export_bundle([], None, tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_exporting_twice_gives_the_same_bytes(with_toy, tmp_path):
    with_toy()
    first, again = (export_bundle([], None, tmp_path / name) for name in ("a", "b"))
    files = [json.loads((root / "manifest.json").read_text())["files"] for root in (first, again)]
    assert files[0] == files[1]


def test_trees_with_other_features_are_refused(with_toy, tmp_path):
    with_toy()
    with pytest.raises(InputError, match=r"take 9 features; wanted 24"):
        export_bundle([], trees_file(tmp_path, features=9), tmp_path / "bundle")


def test_trees_with_other_classes_are_refused(with_toy, tmp_path):
    with_toy()
    with pytest.raises(InputError, match="classes"):
        export_bundle([], trees_file(tmp_path, classes=3), tmp_path / "bundle")


def test_trees_of_another_checkpoint_are_refused(with_toy, tmp_path):
    with_toy()
    file = trees_file(tmp_path, note={"checkpoint_sha256": "e" * 64})
    with pytest.raises(InputError, match="another checkpoint"):
        export_bundle([], file, tmp_path / "bundle")


def test_how_the_trees_were_made_goes_into_the_manifest(with_toy, tmp_path):
    with_toy()
    file = trees_file(tmp_path, note={"temperature": 1.5, "settings": {"max_depth": 2}})
    export_bundle([], file, tmp_path / "bundle")
    trees = open_bundle(tmp_path / "bundle").manifest.trees
    assert trees.temperature == 1.5 and trees.provenance["settings"] == {"max_depth": 2}


def test_trees_without_their_network_are_refused(toy, tmp_path, monkeypatch):
    source = source_of(toy)
    monkeypatch.setattr(source.network, "name", "sg_cldff", raising=False)
    monkeypatch.setattr(room, "gather", lambda *_: {"sg_cldff": source})
    with pytest.raises(UsageError, match="xincept_all"):
        export_bundle([], trees_file(tmp_path), tmp_path / "bundle")


def test_maps_of_a_trained_network_must_show_something(with_toy, toy, tmp_path, monkeypatch):
    with_toy(trained=True)
    measured = room.measure

    def few(*arguments, **keywords):
        from dataclasses import replace

        parity = measured(*arguments, **keywords)
        return replace(parity, shown=replace(parity.shown, voted=0.5))

    monkeypatch.setattr(room, "measure", few)
    with pytest.raises(GateError, match="50% of the voted classes"):
        export_bundle([], None, tmp_path / "bundle")
    with_toy(trained=False)
    export_bundle([], None, tmp_path / "bundle")


def test_the_seed_of_torch_is_left_alone(with_toy, tmp_path):
    with_toy()
    torch.manual_seed(4)
    before = torch.random.get_rng_state()
    export_bundle([], None, tmp_path / "bundle")
    assert torch.equal(before, torch.random.get_rng_state())
