import json
import math
from dataclasses import replace

import numpy as np
import pytest
from toy_bundle import Toy, toy_graph, write_toy_bundle
from variants import add_variant

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.decode import read_image, read_mask
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set, write_mask_set
from leukoscope.progress import Silent
from leukoscope.runtime.field import Frame
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.unlabelled import read_unlabelled
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.validation import (
    GateRequest,
    Request,
    validate,
    validate_bundle,
)

CPU = Settings(backend="onnxruntime-cpu", threads=1)
CONTRACT = {
    "n": int, "n_excluded": int, "unreadable": list, "accuracy": float,
    "balanced_accuracy": float, "f1_macro": float, "recall": dict, "f1": dict, "ece": float,
    "iou": dict, "iou_image_mean": float, "dice": float, "cam_agreement": float,
    "cam_top10_overlap": float, "cam_energy_on_cell": float, "cell_area_share": float,
    "flips": int, "backend": str, "instruction_set": str,
}  # fmt: skip


class Notes(Silent):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    root = tmp_path_factory.mktemp("stages")
    write_class_set(root, 2, 77, size_px=(160, 120))
    return root


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    root = tmp_path_factory.mktemp("cells")
    write_mask_set(root, 8, 77)
    return root


def figures(bundle, root, notes=None, **request):
    got = validate_bundle(
        bundle, read_image_set(root), Request(settings=CPU, **request), notes or Silent()
    )
    json.dumps(got, allow_nan=False)
    return got


@pytest.fixture(scope="module")
def stage_figures(toy_bundle, stages):
    return figures(toy_bundle, stages)


@pytest.fixture(scope="module")
def cell_figures(toy_bundle, cells):
    return figures(toy_bundle, cells)


def test_stages_have_every_key_of_the_contract(stage_figures):
    got = stage_figures
    row = got["networks"]["xincept_all"]["fp32"]
    assert got["schema"] == 1 and got["groups_inferred"] is True
    for key, kind in CONTRACT.items():
        assert key in row, key
        assert row[key] is None or isinstance(row[key], kind), key
    assert (row["n"], row["n_excluded"], row["unreadable"]) == (8, 0, [])
    assert row["iou"] is None and row["dice"] is None
    assert 0 < row["cam_energy_on_cell"] < 1, "on the cells that SG-CLDFF finds"
    assert row["voter"] == "trees" and row["backend"] == "onnxruntime-cpu"
    assert set(row["recall"]) == set(STAGES)


def test_float_agrees_with_itself(stage_figures, cell_figures):
    for got, network in ((stage_figures, "xincept_all"), (cell_figures, "sg_cldff")):
        row = got["networks"][network]["fp32"]
        assert row["cam_agreement"] == row["cam_top10_overlap"] == 1.0 and row["flips"] == 0


def test_accuracy_is_what_run_would_say(toy_bundle, stages, stage_figures):
    row = stage_figures["networks"]["xincept_all"]["fp32"]
    pipeline = open_pipeline(toy_bundle, CPU)
    right = [
        pipeline(Frame(read_image(item.path), "", "", 0)).vote.stage == item.label
        for item in read_image_set(stages).items
    ]
    assert row["accuracy"] == pytest.approx(np.mean(right))


def test_the_head_can_be_judged_too(toy_bundle, stages):
    head = Settings(backend="onnxruntime-cpu", voter="head")
    got = validate_bundle(toy_bundle, read_image_set(stages), Request(settings=head))
    assert got["networks"]["xincept_all"]["fp32"]["voter"] == "head"


def test_iou_is_pooled_over_the_masks_that_run_would_save(toy_bundle, cells, cell_figures):
    row = cell_figures["networks"]["sg_cldff"]["fp32"]
    pipeline = open_pipeline(toy_bundle, CPU, ["sg_cldff"])
    shared = joint = 0
    for item in read_image_set(cells).items:
        truth = read_mask(item.mask) > 0
        mine = pipeline(Frame(read_image(item.path), "", "", 0)).mask > 0
        shared, joint = shared + (truth & mine).sum(), joint + (truth | mine).sum()
    assert row["iou"]["cell"] == pytest.approx(shared / joint)
    assert row["n_masks"] == 8 and set(row["recall"]) == set(CELL_TYPES)
    assert 0 < row["cell_area_share"] < 1 and 0 < row["cam_energy_on_cell"] < 1


def test_without_sg_cldff_no_energy_is_claimed(tmp_path, stages):
    bundle = write_toy_bundle(tmp_path / "b", Toy(networks=("xincept_all",)))
    row = figures(bundle, stages)["networks"]["xincept_all"]["fp32"]
    assert row["cam_energy_on_cell"] is None and row["cell_area_share"] is None


def test_bad_images_are_named_and_the_others_judged(toy_bundle, tmp_path):
    write_class_set(tmp_path / "d", 2, 5, size_px=(96, 64))
    bad = tmp_path / "d" / "Pre" / "field-0001.png"
    bad.write_text("no image")
    notes = Notes()
    row = figures(toy_bundle, tmp_path / "d", notes)["networks"]["xincept_all"]["fp32"]
    assert row["n"] == 7 and row["unreadable"] == ["Pre/field-0001.png"]
    assert any(str(bad) in line for line in notes.lines)


def test_labels_that_the_map_leaves_out_are_counted_apart(toy_bundle, cells, tmp_path):
    rows = (cells / "labels.csv").read_text().splitlines()
    labels = dict(row.split(",") for row in rows[1:])
    first = sorted(labels.values())[0]
    targets = "".join(f'"{name}" = "{name}"\n' for name in set(labels.values()) - {first})
    path = tmp_path / "map.toml"
    path.write_text(
        f'name = "mine"\nnetwork = "sg_cldff"\nexcluded = ["{first}"]\n[targets]\n{targets}'
    )
    row = figures(toy_bundle, cells, label_map=path)["networks"]["sg_cldff"]["fp32"]
    out = sum(label == first for label in labels.values())
    assert (row["n"], row["n_excluded"], row["n_masks"]) == (8 - out, out, 8)
    assert row["label_map"] == "mine"


def test_images_of_the_training_are_counted_and_warned_of(tmp_path, stages):
    hashes = [sha256_of_file(item.path) for item in read_image_set(stages).items][:3]
    bundle = write_toy_bundle(tmp_path / "b", Toy(training_images=tuple(hashes)))
    notes = Notes()
    row = figures(bundle, stages, notes)["networks"]["xincept_all"]["fp32"]
    assert row["n_in_training"] == 3
    assert any("3 of these images were used in its training" in line for line in notes.lines)


def test_several_folders_are_pooled_for_each_network(toy_bundle, stages, cells, tmp_path):
    more = tmp_path / "more" / stages.name
    write_class_set(more, 1, 78, size_px=(160, 120))
    (more / "Pro" / "field-0000.png").write_text("no image")
    sets = [read_image_set(root) for root in (stages, more, cells)]
    got = validate_bundle(toy_bundle, sets, Request(settings=CPU))
    assert got["data"] == [str(stages), str(more), str(cells)]
    row = got["networks"]["xincept_all"]["fp32"]
    assert row["n"] == 8 + 3 and got["networks"]["sg_cldff"]["fp32"]["n"] == 8
    assert row["unreadable"] == [f"more/{stages.name}/Pro/field-0000.png"]
    alone = figures(toy_bundle, stages)
    assert alone["data"] == str(stages)


@pytest.fixture
def with_int8(tmp_path):
    """A toy bundle of both networks, and for each a variant whose graph is the float one's."""
    root = write_toy_bundle(tmp_path / "b").root
    add_variant(root, "sg_cldff", "int8")
    return add_variant(root, "xincept_all", "int8")


def gated(bundle, roots, **change):
    asked = GateRequest(**{"budgets": Budgets(0.2, 0.5, 0.2, 0.5), **change})
    folders = [read_image_set(root) for root in roots]
    found = validate(bundle, folders, Request(settings=CPU, gate=asked))
    json.dumps(found.to_json(), allow_nan=False)
    return found


def test_the_gate_judges_every_variant_but_the_float_one(with_int8, stages, cells):
    found = gated(with_int8, [stages, cells])
    assert {n: list(v) for n, v in found.verdicts.items()} == {
        "xincept_all": ["int8"],
        "sg_cldff": ["int8"],
    }
    verdict = found.verdicts["xincept_all"]["int8"]
    assert verdict.outcome == "passed" and (verdict.flips, verdict.n) == (0, 8)
    row = found.to_json()["networks"]["xincept_all"]["int8"]
    assert row["cam_agreement"] == 1.0 and row["flips"] == 0
    record = found.to_json()["gate"]["xincept_all"]["int8"]
    assert record["outcome"] == "passed" and record["accepted_undecided"] is False
    names = {check.name for check in found.verdicts["sg_cldff"]["int8"].checks}
    assert {"iou cell", "iou nucleus"} <= names and "gate" not in figures(with_int8, stages)


def test_no_image_of_the_training_or_the_calibration_judges(tmp_path, stages):
    items = read_image_set(stages).items
    hashes = {item.name: sha256_of_file(item.path) for item in items}
    trained, calibrated = items[0], items[3]
    root = write_toy_bundle(tmp_path / "b", Toy(training_images=(hashes[trained.name],))).root
    used = {"part": "ranges", "sha256": hashes[calibrated.name], "group": "elsewhere/1"}
    record = {"networks": {"xincept_all": {"images": [used]}}}
    bundle = add_variant(
        root, "xincept_all", "int8", files={"calibration.json": json.dumps(record).encode()}
    )
    found = gated(bundle, [stages], unlabelled=(read_unlabelled(stages),))
    judges = {one.sample.sha256 for one in found.judged[0].observations["int8"]}
    assert judges == set(hashes.values()) - {hashes[trained.name], hashes[calibrated.name]}
    verdict = found.verdicts["xincept_all"]["int8"]
    assert verdict.n == 6, "the same fields without their labels count once"
    assert verdict.left_out["trained on"] == verdict.left_out["calibrated on"] == 2
    assert found.to_json()["networks"]["xincept_all"]["int8"]["n_in_training"] == 0


def test_a_variant_that_sees_one_class_everywhere_fails_and_is_named(tmp_path, stages):
    """A head that always says Pre, against one that says Early: every image flips."""
    root = write_toy_bundle(tmp_path / "b", Toy(head_favours=1)).root
    graph = toy_graph("xincept_all", Toy(head_favours=2))
    bundle = add_variant(root, "xincept_all", "int8", graph=graph)
    asked = GateRequest(Budgets(0.2, 0.5, 0.2, 0.5))
    request = Request(settings=replace(CPU, voter="head"), gate=asked)
    verdict = validate(bundle, [read_image_set(stages)], request).verdicts["xincept_all"]["int8"]
    assert verdict.outcome == "failed" and verdict.voter == "head"
    assert verdict.flips == verdict.n == 8 and len(verdict.flipped) == 8
    assert [check.name for check in verdict.failed] == ["recall Early"]
    accuracy = verdict.checks[0]
    assert (accuracy.losses, accuracy.gains, accuracy.drop) == (2, 2, 0.0)
    trees = validate(bundle, [read_image_set(stages)], Request(settings=CPU, gate=asked))
    assert trees.verdicts["xincept_all"]["int8"].flips == 0, "the trees see the same features"


def test_a_gate_with_nothing_to_judge_is_an_input_error(toy_bundle, stages):
    with pytest.raises(InputError, match="calibrate makes one"):
        gated(toy_bundle, [stages])


def test_a_network_without_a_variant_is_named_and_the_other_judged(tmp_path, stages, cells):
    bundle = add_variant(write_toy_bundle(tmp_path / "b").root, "sg_cldff", "int8")
    notes = Notes()
    sets = [read_image_set(root) for root in (stages, cells)]
    found = validate(bundle, sets, Request(settings=CPU, gate=GateRequest()), notes)
    assert found.verdicts["xincept_all"] == {} and "int8" in found.verdicts["sg_cldff"]
    assert any(line.startswith("xincept_all: no variant") for line in notes.lines)


def test_validation_never_writes_into_the_bundle(with_int8, stages):
    before = {p.name: sha256_of_file(p) for p in with_int8.root.iterdir()}
    gated(with_int8, [stages])
    assert {p.name: sha256_of_file(p) for p in with_int8.root.iterdir()} == before


def test_no_figure_is_nan(cell_figures):
    def walk(value):
        if isinstance(value, dict):
            return all(map(walk, value.values()))
        return not isinstance(value, float) or math.isfinite(value)

    assert walk(cell_figures)
