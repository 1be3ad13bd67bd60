import json
from dataclasses import replace

import pytest
from made import Image, judged_of
from record_made import RECORD
from toy_bundle import write_toy_bundle

from leukoscope.bundle.manifest import Variant
from leukoscope.bundle.write import extend_bundle
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set, write_mask_set
from leukoscope.progress import Silent
from leukoscope.runtime.gate.verdict import gate
from leukoscope.runtime.report.contents import Study
from leukoscope.runtime.report.facts import to_bytes
from leukoscope.runtime.report.page import html
from leukoscope.runtime.report.rows import Effort, rows_of
from leukoscope.runtime.report.study import study_of
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.validation import Request, validate

CPU = Settings(backend="onnxruntime-cpu", threads=1)
QUICK = Effort(examples=2, latency=False)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Both toys, with an int8 of each that is the float graph again, and a calibration.json."""
    root = tmp_path_factory.mktemp("report") / "trial"
    made = write_toy_bundle(root)
    networks = made.manifest.networks
    graphs = {f"{name}.int8.onnx": made.graph(name, "fp32") for name in networks}

    def change(manifest):
        return replace(
            manifest,
            networks={
                name: replace(one, variants={**one.variants, "int8": Variant(f"{name}.int8.onnx")})
                for name, one in manifest.networks.items()
            },
        )

    files = {**graphs, "calibration.json": json.dumps(RECORD).encode()}
    return extend_bundle(root, change, files)


@pytest.fixture(scope="module")
def validation(bundle, tmp_path_factory):
    root = tmp_path_factory.mktemp("fields")
    write_class_set(root / "stages", 2, 77, size_px=(160, 120))
    write_mask_set(root / "cells", 4, 77)
    folders = [read_image_set(root / name) for name in ("stages", "cells")]
    return validate(bundle, folders, Request(settings=CPU))


@pytest.fixture(scope="module")
def study(bundle, validation) -> Study:
    verdicts = {one.network: {"int8": gate(one, "int8")} for one in validation.judged}
    return study_of(
        bundle, validation.judged, verdicts, CPU, created="2026-11-22", data=("stages",),
        effort=QUICK,
    )  # fmt: skip


def test_a_study_has_every_network_with_the_float_model_first(study):
    assert [one.network for one in study.networks] == ["xincept_all", "sg_cldff"]
    for one in study.networks:
        assert [row.variant for row in one.rows] == ["fp32", "int8"]
        assert one.row("fp32").verdict is None and one.row("int8").verdict.flips == 0
        assert one.row("int8").differences and one.row("fp32").differences == ()


def test_hashes_and_sizes_are_the_manifests(study, bundle):
    for one in study.networks:
        for row in one.rows:
            entry = bundle.manifest.files[row.file]
            assert (row.sha256, row.size_bytes) == (entry.sha256, entry.size_bytes)
    assert study.manifest_sha256 == bundle.manifest_sha256 and study.bundle == "trial"
    assert study.files.keys() == {"trees.bin", "calibration.json"}


def test_counts_and_figures_are_those_of_validate(study, validation):
    stages, cells = study.networks
    assert (stages.n, stages.images_by_label["Benign"], cells.n) == (8, 2, 4)
    rows = validation.to_json()["networks"]
    assert stages.row("int8").figures == rows["xincept_all"]["int8"]
    assert cells.row("fp32").figures["iou"] and stages.row("fp32").figures["iou"] is None
    assert stages.voter == "trees" and cells.voter == "head"


def test_the_worst_images_are_pictured(study):
    for one in study.networks:
        examples = one.row("int8").examples
        assert len(examples) == 2 and one.row("fp32").examples == ()
        for example in examples:
            assert example.image_jpeg[:2] == b"\xff\xd8"
            assert example.float_map_jpeg == example.variant_map_jpeg, "the same graph twice"
            assert example.float_vote in one.classes and example.agreement == 1.0


def test_the_calibration_is_told(study):
    assert [one.network for one in study.make_up] == ["xincept_all"]
    assert [layer.returned for layer in study.networks[0].layers] == [True, False]
    assert study.networks[1].layers == ()


def test_given_records_come_before_the_bundles(bundle, validation):
    rows = [{"layer": "mine", "output_error": 0.2}]
    got = study_of(
        bundle, validation.judged, {}, CPU, created="2026-11-22", name="other", calibration={},
        sensitivity={"sg_cldff": rows}, notes=("forced",), effort=Effort(0, latency=False),
    )  # fmt: skip
    assert got.make_up == () and got.networks[0].layers == ()
    assert got.networks[1].layers[0].name == "mine"
    assert (got.bundle, got.notes) == ("other", ("forced",))
    assert all(row.examples == () and row.latency is None for n in got.networks for row in n.rows)


def test_the_same_images_give_the_same_bytes(bundle, validation, study):
    verdicts = {one.network: {"int8": gate(one, "int8")} for one in validation.judged}
    again = study_of(
        bundle, validation.judged, verdicts, CPU, created="2026-11-22", data=("stages",),
        effort=QUICK,
    )  # fmt: skip
    assert html(again) == html(study) and to_bytes(again) == to_bytes(study)


def test_latency_is_measured_of_every_variant(bundle, validation):
    got = rows_of(bundle, validation.judged[0], {}, CPU, Effort(0), Silent())
    assert all(row.latency.n >= 20 and 0 < row.latency.p50_ms <= row.latency.p90_ms for row in got)


def test_an_image_that_is_gone_is_noted(bundle):
    lines = []

    class Notes(Silent):
        def note(self, text):
            lines.append(text)

    stages = tuple(bundle.network("xincept_all").classes)
    one = judged_of([Image(0, 0, 1)], classes=stages)
    got = rows_of(bundle, one, {}, CPU, QUICK, Notes())
    assert got[1].examples == () and "no example" in lines[0]
    assert got[1].changes.losses == 1 and got[1].changes.mcnemar_p == 1.0
