import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import Toy, write_toy_bundle
from variants import add_variant

from leukoscope.cli.run import run
from leukoscope.errors import GateError, InputError, UsageError

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(run)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_toy_bundle(tmp_path_factory.mktemp("cli") / "bundle").root)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for k, name in enumerate(("a.png", "a.bmp", "b.png")):
        rng = np.random.default_rng(k)
        cv2.imwrite(str(folder / name), rng.integers(0, 255, (40 + k, 64, 3), np.uint8))
    return folder


def invoke(*words):
    return CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=True)


def test_every_sink_has_every_field(bundle, images, tmp_path):
    out = tmp_path / "out"
    got = invoke(
        bundle, images, "--jsonl", out / "r.jsonl", "--overlays", out / "overlays", "--video",
        out / "v.mp4", "--save-masks", out / "masks", "--save-maps", out / "maps", "--threads", 1,
    )  # fmt: skip
    assert got.exit_code == 0, got.output
    rows = [json.loads(line) for line in (out / "r.jsonl").read_text().splitlines()]
    assert [Path(row["source"]).name for row in rows] == ["a.bmp", "a.png", "b.png"]
    for folder, ending in (("overlays", "png"), ("masks", "png"), ("maps", "npz")):
        names = sorted(path.stem for path in (out / folder).glob(f"*.{ending}"))
        assert names == ["a_bmp", "a_png", "b"], folder
    assert cv2.imread(str(out / "masks" / "b.png")).shape[:2] == (42, 64)
    assert (out / "v.mp4").stat().st_size > 0
    settings = json.loads((out / "r.jsonl.settings.json").read_text())["settings"]
    assert settings["threads"] == 1 and settings["voter"] == "auto"


def test_what_the_trees_decide_goes_into_every_output(bundle, images, tmp_path):
    got = invoke(
        bundle, images / "b.png", "--explain", "trees", "--jsonl", tmp_path / "r.jsonl",
        "--save-maps", tmp_path / "maps", "--overlays", tmp_path / "overlays",
    )  # fmt: skip
    assert got.exit_code == 0, got.output
    row = json.loads((tmp_path / "r.jsonl").read_text())
    assert row["explanation"]["method"] == "trees" and 0 <= row["explanation"]["even_share"] <= 1
    with np.load(tmp_path / "maps" / "b.npz") as saved:
        assert str(saved["method"]) == "trees" and saved["cams"].shape[0] == len(saved["classes"])
    assert (tmp_path / "overlays" / "b.png").exists()


def test_without_a_sink_there_is_a_line_a_field(bundle, images):
    got = invoke(bundle, images)
    assert got.exit_code == 0
    assert [line.split(":")[0] for line in got.stdout.splitlines()] == ["a_bmp", "a_png", "b"]
    assert "3 fields" in got.stderr and "Research use only" in got.stderr


def test_json_on_stdout_is_the_summary_alone(bundle, images):
    got = invoke(bundle, images, "--json")
    summary = json.loads(got.stdout)
    assert summary["schema"] == 1 and summary["fields"] == 3 and summary["outputs"] == {}


def test_of_a_folder_with_bad_files_the_good_are_done_and_the_bad_named(bundle, images, tmp_path):
    (images / "cut.png").write_bytes((images / "a.png").read_bytes()[:200])
    (images / "words.jpg").write_text("not an image")
    got = invoke(bundle, images, "--jsonl", tmp_path / "r.jsonl")
    assert got.exit_code == 1
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 3
    assert "cut.png" in got.stderr and "words.jpg" in got.stderr and "2 left out" in got.stderr


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("{bundle}", "no-such-file.png"), InputError),
        (("no-such-bundle", "{images}"), InputError),
        (("{bundle}", "rtsp://"), InputError),
        (("{bundle}", "{images}", "--backend", "abacus"), UsageError),
        (("{bundle}", "{images}", "--voter", "me"), UsageError),
        (("{bundle}", "{images}", "--explain", "shap"), UsageError),
        (("{bundle}", "{images}", "--explain", "trees", "--voter", "head"), UsageError),
        (("{bundle}", "{images}", "--precision", "int2"), InputError),
        (("{bundle}", "{images}", "--overlays", "x", "--save-masks", "x"), UsageError),
        (("{bundle}", "{images}", "--video", "x.avi"), InputError),
    ],
)
def test_what_is_wrong_is_one_of_our_errors(bundle, images, words, error):
    got = invoke(*(word.format(bundle=bundle, images=images) for word in words))
    assert isinstance(got.exception, error), got.exception
    assert "\n" not in str(got.exception)


def test_an_unknown_flag_is_a_usage_error(bundle, images):
    assert invoke(bundle, images, "--no-such-flag").exit_code == 2


def test_untrained_networks_run_only_when_it_is_said_out_loud(images, tmp_path):
    root = write_toy_bundle(tmp_path / "b", Toy(trained=False)).root
    assert "--allow-untrained" in str(invoke(root, images).exception)
    assert invoke(root, images, "--allow-untrained").exit_code == 0


def test_what_failed_its_gate_runs_only_when_it_is_said_out_loud(images, tmp_path):
    root = write_toy_bundle(tmp_path / "b").root
    add_variant(root, "xincept_all", "int8", {"outcome": "failed", "forced": True})
    refused = invoke(root, images, "--precision", "int8").exception
    assert isinstance(refused, GateError) and "--allow-failed" in str(refused)
    got = invoke(root, images, "--precision", "int8", "--allow-failed")
    assert got.exit_code == 0 and "int8 failed its gate" in got.stderr
    assert invoke(root, images).exit_code == 0, "by itself it takes the float model"


def test_what_is_undecided_is_said(images, tmp_path, monkeypatch):
    monkeypatch.setattr("leukoscope.runtime.precision.multiplies_bytes", lambda: True)
    root = write_toy_bundle(tmp_path / "b").root
    add_variant(root, "xincept_all", "int8", "undecided")
    assert "undecided" in invoke(root, images, "--precision", "int8").stderr
    assert "undecided" not in invoke(root, images).stderr
    assert "undecided" in invoke(root, images, "--accept-undecided").stderr


def test_settings_can_come_from_a_file_and_flags_win(bundle, images, tmp_path):
    config = tmp_path / "run.toml"
    config.write_text(f'jsonl = "{tmp_path / "from-file.jsonl"}"\nvoter = "head"\n')
    assert invoke(bundle, images, "--config", config, "--voter", "trees").exit_code == 0
    rows = [json.loads(line) for line in (tmp_path / "from-file.jsonl").read_text().splitlines()]
    assert {row["voter"] for row in rows} == {"trees"}


def test_ctrl_c_finishes_the_field_in_hand(bundle, tmp_path):
    """A child process, because the signal is for the whole of it."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "import typer\nfrom leukoscope.cli.run import run\n"
        "app = typer.Typer(); app.command()(run); app()"
    )
    rows = tmp_path / "r.jsonl"
    source = "synthetic://?fields=5000&seed=1"
    child = subprocess.Popen(
        [sys.executable, "-c", code, bundle, source, "--jsonl", str(rows), "--threads", "1"],
        stderr=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(120, child.kill)
    timer.start()
    while child.poll() is None and not (rows.exists() and rows.stat().st_size):
        threading.Event().wait(0.05)
    child.send_signal(signal.SIGINT)
    _, words = child.communicate()
    timer.cancel()
    assert child.returncode == 0, words
    assert "stopped before the end" in words
    text = rows.read_text()
    assert text.endswith("\n") and all(json.loads(line) for line in text.splitlines())
