"""`run` with a journal, a slide, a target, a camera: the flags that make a session of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import LABORATORY, write_toy_bundle

from leukoscope.cli.run import run
from leukoscope.errors import InputError, UsageError
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.journal.read import read_journal

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(run)
SLIDE = "synthetic://slide?stops=3&size=200x160&seed=1&rate=12"
SECRET = "rtsp://nurse:hunter2@127.0.0.1:9/live?token=hunter3"


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_toy_bundle(tmp_path_factory.mktemp("cli") / "bundle").root)


@pytest.fixture
def smears(tmp_path):
    folder = tmp_path / "smears"
    folder.mkdir()
    for k in range(4):
        painted = paint_field("Pro", 5 + k, laboratory=LABORATORY).image
        cv2.imwrite(str(folder / f"f_{k}.png"), cv2.cvtColor(painted, cv2.COLOR_RGB2BGR))
    return folder


def invoke(*words, **how):
    got = CliRunner().invoke(APP, ["--threads", "1", *(str(word) for word in words)], **how)
    if got.exception is not None and not isinstance(got.exception, SystemExit):
        assert isinstance(got.exception, InputError | UsageError), got.exception
    return got


def leukoscope(*words, **how):
    return subprocess.run(
        [sys.executable, "-m", "leukoscope.cli.main", "run", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        **how,
    )


def summary(path):
    with read_journal(Path(path)) as journal:
        return journal.summary()


def rows(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_a_short_real_run_over_a_virtual_slide(ready_bundle):
    """The bundle that the package ships, one field a stop, cells counted once, all of it in the journal."""
    got = invoke(
        ready_bundle, SLIDE, "--frames", "latest", "--slide", "S-1", "--journal", "s.db",
        "--jsonl", "r.jsonl", "--json",
    )  # fmt: skip
    assert got.exit_code == 0, got.output
    said, kept, lines = json.loads(got.stdout), summary("s.db"), rows("r.jsonl")
    assert said["fields"] == kept.fields == 3 == sum(row["skipped"] is None for row in lines)
    assert said["captured"] == said["fields"] + sum(said["drops"].values())
    assert said["drops"] == kept.drops and {"moving", "same_stop"} <= set(said["drops"])
    assert kept.slide == "S-1" and said["cells"] == kept.cells
    assert said["differential"]["white_cells"] == sum(kept.cells.values()) - kept.cells.get(
        "other", 0
    )
    fields = [row for row in lines if row["skipped"] is None]
    assert all(len(row["on_slide"]["new"]) == len(row["cells"]) for row in fields)
    assert sum(sum(row["on_slide"]["new"]) for row in fields) == sum(kept.cells.values())
    assert said["outputs"] == {"jsonl": "r.jsonl", "journal": "s.db"}
    assert "of " in got.stderr and "frames not taken" in got.stderr


def test_a_journal_alone_is_an_output_with_its_settings(bundle, smears):
    got = invoke(bundle, smears, "--journal", "s.db", "--keep-pictures", 1)
    assert got.exit_code == 0 and got.stdout == "" and "s.db" in got.stderr
    settings = json.loads(Path("s.db.settings.json").read_text())["settings"]
    assert settings["journal"] == "s.db" and settings["keep_pictures"] == 1
    (session,) = summary("s.db").sessions
    assert session.settings["threads"] == 1 and session.fields == 4 and session.ending == "done"
    assert "onnxruntime-cpu" in session.device


def test_the_same_command_again_does_nothing_twice(bundle, smears):
    words = (bundle, smears, "--journal", "s.db", "--slide", "S-1", "--json")
    first, again = invoke(*words), invoke(*words)
    assert json.loads(first.stdout)["fields"] == 4
    assert json.loads(again.stdout)["fields"] == 0
    assert json.loads(again.stdout)["drops"] == {"known": 4} and "4 known" in again.stderr
    assert summary("s.db").fields == 4 and again.exit_code == 0


def test_a_target_ends_the_run_as_soon_as_it_is_reached(ready_bundle, smears):
    got = json.loads(invoke(ready_bundle, smears, "--json", "--count", 1).stdout)
    assert got["fields"] == 1 and got["differential"]["white_cells"] >= 1 and not got["stopped"]
    assert got["captured"] == 1 + sum(got["drops"].values())


def test_a_scale_that_is_given_is_in_the_rows(bundle, smears):
    invoke(bundle, smears, "--um-per-px", 0.25, "--jsonl", "r.jsonl")
    assert [row["scale"] for row in rows("r.jsonl")] == [{"um_per_px": 0.25, "source": "given"}] * 4


def test_a_microscope_is_remembered_by_its_name(bundle, tmp_path):
    got = invoke(bundle, SLIDE, "--microscope", "left-bench", "--json")
    assert got.exit_code == 0
    profile = tmp_path / "config" / "leukoscope" / "microscopes" / "left-bench.json"
    assert json.loads(profile.read_text())["best_sharpness"]["200x160"] > 0


@pytest.mark.parametrize(
    "words",
    [
        ("--frames", "some"),
        ("--count", 0),
        ("--count", -3),
        ("--count", "many"),
        ("--um-per-px", 0),
        ("--um-per-px", "nan"),
        ("--um-per-px", 25),
        ("--keep-pictures", -1),
        ("--keep-pictures", "inf"),
        ("--max-outage", 0),
        ("--max-outage", "nan"),
        ("--microscope", "../left"),
        ("--microscope", ""),
        ("--frames", "trigger"),
        ("--journal", "x.db", "--jsonl", "x.db"),
        ("--journal", "./x.db", "--overlays", "y/../x.db"),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_a_wrong_value_is_a_usage_error_in_one_line(bundle, smears, words):
    got = invoke(bundle, smears, *words)
    error = got.exception
    if isinstance(error, UsageError):
        assert "\n" not in str(error) and "Traceback" not in got.output
    else:
        assert got.exit_code == 2 and "Invalid value" in got.stderr
    assert not Path("x.db").exists()


def test_a_journal_is_never_emptied_by_another_output(bundle, smears):
    invoke(bundle, smears, "--journal", "s.db")
    refused = invoke(bundle, smears, "--journal", "s.db", "--jsonl", "s.db")
    assert "two outputs share" in str(refused.exception) and summary("s.db").fields == 4


def test_a_journal_of_another_slide_is_refused_in_one_line(bundle, smears):
    invoke(bundle, smears, "--journal", "s.db", "--slide", "S-1")
    got = invoke(bundle, smears, "--journal", "s.db", "--slide", "other")
    assert isinstance(got.exception, InputError) and "is of" in str(got.exception)
    assert "\n" not in str(got.exception)


def test_a_slide_that_is_no_name_leaves_no_journal(bundle, smears):
    got = invoke(bundle, smears, "--journal", "new.db", "--slide", "a\nb")
    assert isinstance(got.exception, UsageError) and "\n" not in str(got.exception)
    assert not Path("new.db").exists()


def test_without_a_terminal_there_is_no_key_to_listen_to(bundle, smears):
    slide = "synthetic://slide?stops=2&size=200x160"
    got = leukoscope(bundle, slide, "--frames", "trigger", stdin=subprocess.DEVNULL)
    assert got.returncode == 2 and got.stdout == ""
    assert got.stderr.startswith("leukoscope: --frames trigger has no key to listen to")
    assert len(got.stderr.splitlines()) == 1


def test_a_password_is_nowhere(bundle, tmp_path):
    """Nobody answers at that port: the camera is lost, and given up after a moment."""
    Path("run.toml").write_text('journal = "s.db"\n')
    got = leukoscope(
        bundle, SECRET, "--max-outage", 0.3, "--config", "run.toml", "--jsonl", "r.jsonl",
        "--slide", "S-1", cwd=tmp_path, env={**os.environ, "OPENCV_LOG_LEVEL": "DEBUG"},
    )  # fmt: skip
    assert got.returncode == 1, got.stderr
    assert "rtsp://***@127.0.0.1:9/live" in got.stderr and "Traceback" not in got.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"s.db", "r.jsonl", "r.jsonl.settings.json"} <= {path.name for path in written}
    for text in (got.stdout.encode(), got.stderr.encode(), *(p.read_bytes() for p in written)):
        assert b"hunter" not in text and b"nurse" not in text
    (session,) = summary("s.db").sessions
    assert session.live and session.source == "rtsp://***@127.0.0.1:9/live?***"


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_file_s_name_cannot_steer_the_terminal(bundle, smears, words):
    (smears / "cut\x1b[2J.png").write_bytes(b"no picture")
    got = invoke(bundle, smears, *words)
    assert got.exit_code == 1 and "\x1b" not in got.stderr and "cut\ufffd[2J.png" in got.stderr


def test_pictures_that_cannot_be_read_are_counted(bundle, smears):
    (smears / "cut.png").write_bytes(np.random.default_rng(0).bytes(300))
    got = invoke(bundle, smears, "--journal", "s.db", "--json")
    said = json.loads(got.stdout)
    assert got.exit_code == 1 and said["drops"] == {"unreadable": 1} == summary("s.db").drops
    assert said["captured"] == 5
