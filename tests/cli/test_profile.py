import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import write_toy_bundle

from leukoscope.cli.profile import profile
from leukoscope.errors import InputError, MachineError, UsageError

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(profile)
SHORT = ("--seconds", "0.6", "--no-layers", "--threads", "1", "--batches", "1,2", "--quick")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_toy_bundle(tmp_path_factory.mktemp("cli") / "bundle").root)


def invoke(*words):
    return CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=True)


def test_json_is_one_value_on_stdout_and_files_say_the_same(bundle, tmp_path):
    page, facts = tmp_path / "p.html", tmp_path / "p.json"
    got = invoke(bundle, *SHORT, "--json", "--report", page, "-o", facts)
    assert got.exit_code == 0, got.output
    found = json.loads(got.stdout)
    assert found == json.loads(facts.read_text())
    assert [one["network"] for one in found["variants"]] == ["xincept_all", "sg_cldff"]
    assert page.read_text().startswith("<!doctype html>")
    saved = json.loads((tmp_path / "p.html.settings.json").read_text())
    assert saved["settings"]["seconds"] == 0.6


def test_the_table_says_what_it_must(bundle):
    got = invoke(bundle, *SHORT, "--network", "xincept_all")
    assert got.exit_code == 0
    for words in ("latency", "throughput", "journal", "frame age", "cold start", "CANNOT BE TRUSTED", "Research use only"):  # fmt: skip
        assert words in got.stdout, words


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("no-such-bundle",), InputError),
        (("{bundle}", "--backend", "cuda9"), UsageError),
        (("{bundle}", "--rate", "0"), UsageError),
        (("{bundle}", "--rate", "nan"), UsageError),
        (("{bundle}", "--seconds", "-1"), UsageError),
        (("{bundle}", "--batches", "1,x"), UsageError),
        (("{bundle}", "--threads", "0"), UsageError),
        (("{bundle}", "--network", "resnet"), InputError),
        (("{bundle}", "--precision", "int4"), InputError),
        (("{bundle}", "--data", "no-such-folder"), InputError),
        (("{bundle}", "--report", "x.txt"), UsageError),
        (("{bundle}", "--output", "no-such-folder/x.json"), InputError),
        (("{bundle}", "--backend", "tensorrt"), MachineError),
    ],
)
def test_what_is_wrong_is_one_line(bundle, words, kind):
    got = invoke(*(word.format(bundle=bundle) for word in words))
    assert isinstance(got.exception, kind), got.exception
    assert "\n" not in str(got.exception)


def test_settings_come_from_a_file_and_flags_win(bundle, tmp_path):
    config = tmp_path / "profile.toml"
    config.write_text('seconds = 0.6\nrate = 12.5\nnetwork = "xincept_all"\nlayers = false\n')
    got = invoke(bundle, "--quick", "--config", config, "--rate", "25", "--json")
    found = json.loads(got.stdout)
    assert found["seconds"] == 0.6 and found["rate_hz"] == 25.0
    assert [one["network"] for one in found["variants"]] == ["xincept_all"]


def test_after_ctrl_c_what_was_measured_is_reported(bundle):
    code = "import sys, typer; from leukoscope.cli.profile import profile; typer.run(profile)"
    words = [sys.executable, "-c", code, bundle, "--seconds", "600", "--no-layers", "--json"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with child:
        while not _is_measuring(child.pid):
            assert child.poll() is None, child.stderr.read()
            time.sleep(0.1)
        time.sleep(1.0)
        os.kill(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=120)
    assert child.returncode == 0, err
    found = json.loads(out)
    assert found["interrupted"] is True and found["trusted"] is False
    assert found["variants"][0]["latency_ms"]["n"] >= 0 and found["runs"] == []


def _is_measuring(pid):
    """Whether ONNX Runtime is loaded: then Ctrl-C is listened to, as networks are opened after it is."""
    maps = Path(f"/proc/{pid}/maps")
    return "onnxruntime" in maps.read_text() if maps.exists() else True
