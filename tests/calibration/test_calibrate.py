"""Whole calibrations of a bundle of toy graphs: what is in the bundle afterwards, and what is not."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_sets import Notes, smear, write_cells, write_stages

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import Toy, write_toy_bundle

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import SIGNATURE, GoldenEntry
from leukoscope.bundle.read import open_bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.calibration import calibrate as module
from leukoscope.calibration import prepare as prepare_module
from leukoscope.calibration.calibrate import calibrate
from leukoscope.calibration.order import Order
from leukoscope.calibration.record import Record
from leukoscope.errors import GateError, InputError, UsageError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.gate.budgets import Budgets

EASY = Budgets(0.5, 0.5, 0.5, 0.5)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "site", per_class=30)


@pytest.fixture
def bundle(tmp_path):
    return write_toy_bundle(tmp_path / "bundle", Toy(networks=("xincept_all",))).root


@pytest.fixture
def order(bundle, site):
    return Order(bundle, "int8", (str(site),), images=16, budgets=EASY, threads=1)


def contents(root):
    return {path.name: path.read_bytes() for path in root.iterdir()}


def test_a_passed_variant_is_written_with_its_proof(order):
    done = calibrate(order)
    assert done.verdicts["xincept_all"].outcome == "passed" and done.written == ("xincept_all",)
    bundle = open_bundle(order.bundle)
    gate = bundle.variant("xincept_all", "int8").gate
    assert gate["outcome"] == "passed" and not gate["forced"] and not gate["accepted_undecided"]
    assert b"QuantizeLinear" in bundle.graph("xincept_all", "int8")
    assert done.page == order.bundle / "validation.html" and done.page.is_file()
    facts = json.loads(bundle.read_bytes("validation.json"))
    assert facts["schema"] == 1
    assert not order.bundle.with_name("bundle.calibrating").exists()


def test_the_record_names_every_image_and_no_image_has_two_parts(order):
    calibrate(order)
    bundle = open_bundle(order.bundle)
    record = Record.from_bytes(bundle.read_bytes("calibration.json")).networks["xincept_all"]
    parts = {
        part: {i.sha256 for i in record.images if i.part == part}
        for part in ("ranges", "search", "gate")
    }
    assert len(parts["ranges"]) == 16 and len(parts["search"]) == 8 and parts["gate"]
    assert not parts["ranges"] & parts["gate"] and not parts["search"] & parts["gate"]
    groups = {part: {i.group for i in record.images if i.part == part} for part in parts}
    assert not (groups["ranges"] | groups["search"]) & groups["gate"]
    assert record.graph_sha256 == bundle.manifest.files["xincept_all.fp32.onnx"].sha256


def test_images_that_were_trained_on_never_judge(bundle, site, order):
    """Of thirty images a class, in ten groups, the network was trained on the first fifteen."""
    digests = tuple(
        sha256_of_file(path) for folder in site.iterdir() for path in sorted(folder.iterdir())[:15]
    )
    write_toy_bundle(bundle, Toy(networks=("xincept_all",), training_images=digests))
    calibrate(order)
    record = Record.from_bytes(open_bundle(order.bundle).read_bytes("calibration.json"))
    images = record.networks["xincept_all"].images
    assert len({i.sha256 for i in images if i.part == "gate"} - set(digests)) == 60
    assert {i.sha256 for i in images if i.part != "gate"} <= set(digests)


@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_images_that_may_not_judge_are_counted_in_the_verdict(order, site, tmp_path, precision):
    """The gate's folder is a copy of the one that ranges and search are made of."""
    kept = shutil.copytree(site, tmp_path / "kept")
    done = calibrate(replace(order, gate_data=(str(kept),), precision=precision))
    verdict = done.verdicts["xincept_all"]
    assert verdict.left_out["calibrated on"] == 24 and verdict.left_out["near the calibration"]
    assert verdict.n + sum(verdict.left_out.values()) == 120
    gate = open_bundle(order.bundle).variant("xincept_all", precision).gate
    assert gate["left_out"] == verdict.left_out


def test_golden_outputs_of_the_variant_come_beside_those_of_the_float_graph(order):
    frames = np.random.default_rng(1).integers(0, 255, (2, 96, 96, 3), np.uint8)
    arrays = {
        "xincept_all/frames": frames,
        "xincept_all/fp32/features": np.zeros((2, 8), np.float32),
    }
    extend_bundle(
        order.bundle,
        lambda manifest: replace(manifest, golden=GoldenEntry("golden.npz", 2)),
        {"golden.npz": golden_bytes(arrays)},
    )
    calibrate(order)
    bundle = open_bundle(order.bundle)
    golden = bundle.golden()
    graph = bundle.graph("xincept_all", "int8")
    again = open_onnxruntime(graph, "g", "int8", backend=CPU).infer(frames)
    for name, array in again.items():
        np.testing.assert_array_equal(golden[f"xincept_all/int8/{name}"], array)
    np.testing.assert_array_equal(golden["xincept_all/fp32/features"], np.zeros((2, 8)))


def test_the_same_inputs_take_what_is_on_record_and_others_say_why_not(order):
    calibrate(order)
    before = contents(order.bundle)
    notes = Notes()
    calibrate(order, notes)
    assert "nothing changed" in notes
    again = contents(order.bundle)
    assert again["xincept_all.int8.onnx"] == before["xincept_all.int8.onnx"]
    notes = Notes()
    calibrate(replace(order, images=24), notes)
    assert "calibrates again" in notes and "--images was 16, is 24" in notes
    notes = Notes()
    calibrate(replace(order, images=24, budgets=Budgets(0.5, 0.5, 0.5, 0.9)), notes)
    assert "the budgets changed" in notes


def test_a_failed_gate_writes_nothing_and_leaves_the_report_beside(order, monkeypatch):
    before = contents(order.bundle)
    monkeypatch.setattr(module, "gate", failing(module.gate))
    done = calibrate(order)
    assert done.verdicts["xincept_all"].outcome == "failed" and done.written == ()
    assert contents(order.bundle) == before
    assert done.page.is_file() and done.page.parent.name == "bundle.calibrating"
    assert done.blamed["xincept_all"]


def failing(gate):
    return lambda *args, **kwargs: replace(gate(*args, **kwargs), outcome="failed")


def undecided(gate):
    return lambda *args, **kwargs: replace(gate(*args, **kwargs), outcome="undecided")


def test_force_writes_it_marked(order, monkeypatch):
    monkeypatch.setattr(module, "gate", failing(module.gate))
    assert calibrate(replace(order, accept_undecided=True)).written == ()
    assert calibrate(replace(order, force=True)).written == ("xincept_all",)
    gate = open_bundle(order.bundle).variant("xincept_all", "int8").gate
    assert gate["outcome"] == "failed" and gate["forced"] and not gate["accepted_undecided"]


def test_undecided_is_written_only_where_it_is_accepted_and_that_is_on_record(order, monkeypatch):
    monkeypatch.setattr(module, "gate", undecided(module.gate))
    assert calibrate(order).written == ()
    assert calibrate(replace(order, force=True)).written == ()
    assert calibrate(replace(order, accept_undecided=True)).written == ("xincept_all",)
    gate = open_bundle(order.bundle).variant("xincept_all", "int8").gate
    assert gate["outcome"] == "undecided" and gate["accepted_undecided"] and not gate["forced"]


def test_another_int8_form_made_of_other_ranges_is_dropped(order, site, tmp_path):
    calibrate(replace(order, precision="int8_fp16"))
    more = write_stages(tmp_path / "more", per_class=30, seed=70_000)
    calibrate(replace(order, data=(str(more),)))
    assert set(open_bundle(order.bundle).network("xincept_all").variants) == {"fp32", "int8"}


def test_both_forms_of_the_same_ranges_stay(order):
    calibrate(order)
    calibrate(replace(order, precision="int8_fp16"))
    calibrate(replace(order, precision="fp16"))
    variants = open_bundle(order.bundle).network("xincept_all").variants
    assert set(variants) == {"fp32", "int8", "int8_fp16", "fp16"}


@pytest.mark.parametrize("kind", ["black", "one class", "four images"])
def test_a_bad_set_is_refused_in_one_line_and_nothing_is_touched(order, tmp_path, kind):
    root = tmp_path / "bad"
    if kind == "black":
        for name in ("Benign", "Pro"):
            (root / name).mkdir(parents=True)
            for index in range(40):
                cv2.imwrite(str(root / name / f"{index}.png"), smear(1)[: 20 + index] * 0)
    elif kind == "one class":
        write_stages(root, 60, classes=("Benign",))
    else:
        write_stages(root, 1)
    before = contents(order.bundle)
    with pytest.raises(InputError) as caught:
        calibrate(replace(order, data=(str(root),)))
    assert "\n" not in str(caught.value)
    assert contents(order.bundle) == before


def test_a_signed_bundle_and_random_weights_want_to_be_said_out_loud(order, tmp_path):
    (order.bundle / SIGNATURE).write_bytes(b"s")
    with pytest.raises(InputError, match="--drop-signature"):
        calibrate(order)
    calibrate(replace(order, drop_signature=True))
    untrained = write_toy_bundle(tmp_path / "u", Toy(networks=("xincept_all",), trained=False)).root
    with pytest.raises(InputError, match="--allow-untrained"):
        calibrate(replace(order, bundle=untrained))
    assert calibrate(replace(order, bundle=untrained, allow_untrained=True)).written


def test_a_precision_that_is_none_is_a_usage_error():
    with pytest.raises(UsageError, match="int4"):
        Order(Path("b"), "int4", ("d",))


def test_a_kill_at_any_point_leaves_the_bundle_and_the_next_call_goes_on(order, site):
    before = contents(order.bundle)
    command = [
        sys.executable,
        "-m",
        "leukoscope",
        "calibrate",
        str(order.bundle),
        "--data",
        str(site),
    ]
    command += ["--images", "16", "--threads", "1"]
    command += ["--max-accuracy-drop", "0.5", "--max-recall-drop", "0.5", "--max-iou-drop", "0.5"]
    command += ["--min-cam-agreement", "0.5"]
    steps = order.bundle.with_name("bundle.calibrating") / "steps.jsonl"
    for lines in (2, 4):
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while child.poll() is None:
            if steps.is_file() and len(steps.read_text().split("\n")) >= lines:
                os.kill(child.pid, signal.SIGKILL)
        child.wait()
        if child.returncode == -signal.SIGKILL:
            assert contents(order.bundle) == before
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "int8" in open_bundle(order.bundle).network("xincept_all").variants


def refusing(prepare, *networks):
    def made(bundle, chosen, *rest):
        if chosen.network in networks:
            raise GateError(f"{chosen.network}: no INT8 graph keeps the budget")
        return prepare(bundle, chosen, *rest)

    return made


def test_a_network_without_a_graph_does_not_keep_another_out(order, site, tmp_path, monkeypatch):
    write_toy_bundle(order.bundle, Toy())
    cells = write_cells(tmp_path / "cells", ["neutrophil", "basophil", "monocyte"] * 20)
    monkeypatch.setattr(module, "prepare", refusing(module.prepare, "sg_cldff"))
    done = calibrate(replace(order, data=(str(site), str(cells))))
    assert done.written == ("xincept_all",) and set(done.refused) == {"sg_cldff"}
    networks = open_bundle(order.bundle).manifest.networks
    assert "int8" in networks["xincept_all"].variants
    assert "int8" not in networks["sg_cldff"].variants
    assert order.bundle.with_name("bundle.calibrating").exists()


def test_without_any_graph_nothing_is_touched(order, monkeypatch):
    before = contents(order.bundle)
    monkeypatch.setattr(module, "prepare", refusing(module.prepare, "xincept_all"))
    done = calibrate(order)
    assert set(done.refused) == {"xincept_all"} and not done.verdicts and done.page is None
    assert contents(order.bundle) == before


def test_half_looks_at_few_images_of_the_ranges(order, monkeypatch):
    asked, squares_of = [], prepare_module.squares_of

    def counted(bundle, network, images, *rest):
        asked.append(len(images))
        return squares_of(bundle, network, images, *rest)

    monkeypatch.setattr(prepare_module, "squares_of", counted)
    calibrate(replace(order, precision="fp16", images=40))
    assert asked == [20]
