"""Each timing benchmark in its short form, from its command line: every figure is there, and none is NaN."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "synthetic://?fields=4&seed=3"


def run(script, *words):
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def measured(tmp_path):
    """Runs a script's short form and gives its record."""

    def short(script, *words):
        path = tmp_path / "record.json"
        done = run(script, *words, "--short", "--json", path)
        assert done.returncode == 0, done.stderr
        assert "| ---" in done.stdout or "|---" in done.stdout
        value = json.loads(path.read_text(), parse_constant=pytest.fail)
        assert value["tool"] == script
        for name, one in value["figures"].items():
            assert 0 < one["low"] <= one["value"] <= one["high"], name
        return value

    return short


def need(module, command):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"no {module}; to run it: {command}")


def test_stream(measured, ready_bundle):
    value = measured("stream", ready_bundle, SOURCE)
    assert value["details"]["calls_a_field"] >= 2
    assert set(value["figures"]) >= {"throughput, share of the bare loop's", "at rest, age"}
    assert set(value["details"]["at_rest_ms"]) == {"age", "bare calls", "added", "resizing"}


def test_trees(measured, tree_kernel):
    value = measured("trees")
    assert value["details"]["ways"]["leukoscope"] == 0  # margins as XGBoost has them
    assert value["figures"]["warm, inplace_predict: times ours"]["better"] == "higher"


def test_cells_against_skimage(measured):
    need("skimage", "pip install scikit-image")
    value = measured("cells_against_skimage")
    found = value["details"]["640 x 480"]
    assert found["f1"] == {"ours": 1, "scikit-image": 1}
    assert len([name for name in value["figures"] if "theirs / ours" in name]) == 5


@pytest.mark.heavy
def test_int8(measured, ready_bundle):
    value = measured("int8", ready_bundle)
    sizes = value["details"]["xincept_all"]["file_bytes"]
    assert sizes["int8"] < 0.5 * sizes["fp32"]
    assert "sg_cldff int8: times faster" in value["figures"]


@pytest.mark.heavy
def test_gradcam_cost(measured):
    value = measured("gradcam_cost", "--network", "sg_cldff")
    assert set(value["figures"]) == {
        f"{precision}: {what}"
        for precision in ("fp32", "int8")
        for what in ("with / without maps", "without maps")
    }


@pytest.mark.heavy
def test_start_up(measured):
    value = measured("start_up")
    assert value["figures"]["leukoscope --help: s"]["value"] < value["figures"]["import torch: s"]["value"] * 10  # fmt: skip
    assert "first result, runtime alone: s" in value["figures"]


@pytest.mark.heavy
def test_growth(measured):
    value = measured("growth")
    length = value["details"].pop("length of the stream")
    assert length["fields"] == 200
    assert len(length["ms_a_field"]) == 8
    assert len(value["details"]) == 6
    assert all(len(one["ms"]) == 2 for one in value["details"].values())


@pytest.mark.heavy
def test_frame_to_vote(measured):
    need("pytorch_grad_cam", "pip install --no-deps grad-cam ttach; pip install scikit-learn")
    value = measured("frame_to_vote")
    agreement = value["details"]["agreement"]
    ours = agreement["leukoscope, ONNX Runtime fp32"]
    assert ours["same_votes"] == ours["frames"] == 2
    assert ours["map_error"] < 1e-3
    assert ours["probability_error"] < 1e-4
    assert "leukoscope, ONNX Runtime int8: times faster" in value["figures"]


def test_bad_input_is_one_line(tmp_path):
    done = run("stream", tmp_path / "nowhere", SOURCE)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
