"""Each script from its command line, on painted images: every figure is there, and none is NaN."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leukoscope.images.painter.folders import write_class_set, write_mask_set

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = {
    "held_out": "",
    "shortcuts": "",
    "explanations": "--occluded 1 --occluded-cells 1",
    "robustness": "--fields 1 --masked 1",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("painted")
    write_class_set(root / "fields", 1, seed=31, size_px=(160, 120))
    write_mask_set(root / "cells", 4, seed=31, cell_size_px=96)
    return [str(root / "fields"), str(root / "cells")]


def run(script, *words):
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(("script", "options"), SCRIPTS.items())
def test_a_script_writes_its_figures(script, options, data, ready_bundle, tmp_path):
    words = [str(ready_bundle), "-o", str(tmp_path), *options.split(), "--data", *data]
    done = run(script, *words)
    assert done.returncode == 0, done.stderr
    value = json.loads((tmp_path / f"{script}.json").read_text(), parse_constant=pytest.fail)
    assert value["notice"] == "research use only"
    assert set(value["networks"]) == {"xincept_all", "sg_cldff"}
    assert value["sets"]["fields"]["held"] == 4
    assert value["sets"]["cells"]["network"] == "sg_cldff"
    CHECKS[script](value)


def held_out(value):
    assert set(value["figures"]["xincept_all"]["fields"]["by"]) == {"trees", "head"}
    assert value["figures"]["sg_cldff"]["cells"]["iou"]["n"] == 4
    assert "false" in value["blasts"]


def shortcuts(value):
    found = value["painted"]["fields"]
    assert found["chance"] == 0.25
    assert len(found["paintings"]) == 4
    assert found["paintings"]["as they are"]["colour"] is None  # training has seen none of these


def explanations(value):
    found = value["maps"]["xincept_all"]["fields"]
    assert found["deletion"]["map"]["n"] == 1
    assert value["randomised"]["xincept_all"] == {
        "not_run": "the bundle's checkpoint was not given"
    }


def robustness(value):
    fields, cells = (
        value["shifted"][n][s] for n, s in (("xincept_all", "fields"), ("sg_cldff", "cells"))
    )
    assert "corner covered" in fields["shifts"]
    assert "corner covered" not in cells["shifts"]
    assert fields["shifts"]["none"]["by"]["trees"]["votes_changed"] == 0
    assert cells["shifts"]["blur 2 px"]["iou"]["cell"]["value"] is not None


CHECKS = {
    "held_out": held_out,
    "shortcuts": shortcuts,
    "explanations": explanations,
    "robustness": robustness,
}


def test_bad_input_is_one_line(ready_bundle, tmp_path):
    words = ["-o", str(tmp_path), "--data", str(tmp_path / "nowhere")]
    done = run("held_out", str(ready_bundle), *words)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no such folder" in done.stderr
