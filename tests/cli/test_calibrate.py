import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
sys.path.insert(0, str(Path(__file__).parent.parent / "calibration"))
from small_sets import write_stages
from toy_bundle import Toy, write_toy_bundle

from leukoscope.bundle.describe import in_words
from leukoscope.bundle.read import open_bundle
from leukoscope.cli.calibrate import calibrate
from leukoscope.errors import GateError, InputError, UsageError

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(calibrate)
EASY = ["--max-accuracy-drop", 0.5, "--max-recall-drop", 0.5, "--min-cam-agreement", 0.5]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "site", per_class=30)


@pytest.fixture
def bundle(tmp_path):
    return write_toy_bundle(tmp_path / "bundle", Toy(networks=("xincept_all",))).root


def invoke(*words):
    return CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=True)


def test_json_has_the_verdict_sizes_and_the_share_of_work(bundle, site):
    got = invoke(bundle, "--data", site, "--images", 16, "--threads", 1, "--json", *EASY)
    assert got.exit_code == 0, got.output
    value = json.loads(got.stdout)
    row = value["networks"]["xincept_all"]
    assert value["schema"] == 1 and row["gate"]["outcome"] == "passed" and row["written"]
    assert row["int8_share"] == 1.0 and set(row["size_bytes"]) == {"fp32", "int8"}
    settings = json.loads(bundle.with_name("bundle.settings.json").read_text())
    assert settings["settings"]["images"] == 16


def test_undecided_is_exit_3_says_what_is_missing_and_where_the_report_is(bundle, site):
    got = invoke(bundle, "--data", site, "--images", 16, "--threads", 1)
    assert isinstance(got.exception, GateError) and got.exception.exit_code == 3
    assert "cannot tell" in str(got.exception)
    assert "nothing was written" in got.output and "validation.html" in got.output
    assert "int8" not in open_bundle(bundle).network("xincept_all").variants


def test_accepted_it_is_written_and_inspect_says_so(bundle, site):
    words = ("--data", site, "--images", 16, "--threads", 1, "--accept-undecided")
    got = invoke(bundle, *words)
    assert got.exit_code == 0, got.output
    assert "of the multiply-adds in INT8" in got.stdout and "Research use only" in got.stdout
    text = "\n".join(in_words(open_bundle(bundle)))
    assert "gate: undecided, accepted undecided; " in text


def test_a_network_can_be_named_before_its_folder(bundle, site):
    got = invoke(bundle, "--data", f"xincept_all={site}", "--images", 16, "--threads", 1, *EASY)
    assert got.exit_code == 0, got.output


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--precision", "int4"], UsageError),
        (["--max-iou-drop", "2"], UsageError),
        (["--images", "3"], UsageError),
        (["--gate-data", "nowhere"], InputError),
        (["--unlabelled", "nowhere"], InputError),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_work(bundle, site, words, error):
    got = invoke(bundle, "--data", site, *words)
    assert isinstance(got.exception, error) and "\n" not in str(got.exception)
    assert not bundle.with_name("bundle.calibrating").exists()


def test_without_onnx_the_command_that_brings_it_is_named(bundle, site):
    """In a process of its own: modules that are imported twice are two."""
    code = "import sys; sys.modules['onnx'] = None; from leukoscope.cli.main import main; main()"
    words = [sys.executable, "-c", code, "calibrate", str(bundle), "--data", str(site)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 4 and "[calibration]" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_a_graph_it_is_exit_3_with_the_cause_and_json_all_the_same(
    bundle, site, monkeypatch
):
    def refuse(*_):
        raise GateError("xincept_all: no INT8 graph keeps the budget")

    monkeypatch.setattr(import_module("leukoscope.calibration.calibrate"), "prepare", refuse)
    got = invoke(bundle, "--data", site, "--images", 16, "--threads", 1, "--json")
    assert got.exit_code == 3 and "no INT8 graph keeps the budget" in got.stderr
    value = json.loads(got.stdout)
    row = value["networks"]["xincept_all"]
    assert "keeps the budget" in row["refused"] and not row["written"] and row["gate"] is None
    assert value["report"] is None


def test_a_file_that_cannot_be_read_is_named_the_rest_is_done_and_it_is_exit_1(bundle, tmp_path):
    root = write_stages(tmp_path / "site", per_class=30)
    (root / "Pro" / "0007.png").write_bytes(b"no image")
    got = invoke(bundle, "--data", root, "--images", 16, "--threads", 1, "--json", *EASY)
    assert got.exit_code == 1 and "0007.png" in got.stderr
    assert json.loads(got.stdout)["unreadable"] == ["site/Pro/0007.png"]
    assert "int8" in open_bundle(bundle).network("xincept_all").variants
