import os
import subprocess
import sys
from pathlib import Path

import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.cli import demo as verb
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file


def verbs(workstation):
    return [
        step.words[0] for step in verb._steps(Path("out"), "synthetic://", workstation=workstation)
    ]


def test_every_verb_is_done_where_torch_is():
    assert set(verbs(True)) == {"doctor", "train", "export", "inspect", "validate", "run"}


def test_without_torch_the_ready_bundle_is_run():
    assert set(verbs(False)) == {"doctor", "inspect", "validate", "run"}


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not a demo's"):
        verb._clear(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_an_earlier_demo_is_cleared(tmp_path):
    verb._clear(tmp_path / "demo")
    (tmp_path / "demo" / "old").touch()
    verb._clear(tmp_path / "demo")
    assert not (tmp_path / "demo" / "old").exists()


def test_the_ready_bundle_was_made_from_the_shipped_checkpoints(ready_bundle, ready_checkpoints):
    manifest = open_bundle(ready_bundle).manifest
    for name, network in manifest.networks.items():
        shipped = ready_checkpoints / f"{name}.safetensors"
        assert network.provenance["checkpoint_sha256"] == sha256_of_file(shipped)
        assert network.trained
    trees = ready_checkpoints / "trees.json"
    assert manifest.trees.provenance["model_sha256"] == sha256_of_file(trees)


def test_what_ships_stays_under_30_mb():
    files = [file for file in verb.READY.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 30e6


def test_without_torch_the_demo_says_what_it_skips(tmp_path):
    """In a process where torch cannot be found, as on the edge."""
    code = (
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "from leukoscope.cli import demo\n"
        "demo.find_spec = lambda name: None if name == 'torch' else find(name)\n"
        f"sys.argv = ['leukoscope', 'demo', '-o', {str(tmp_path / 'demo')!r}, '--fields', '4']\n"
        "from leukoscope.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert "skipped: train and export, which need torch" in done.stderr
    assert "SYNTHETIC: 4 painted fields" in done.stdout
    assert len(list((tmp_path / "demo" / "run" / "overlays").iterdir())) == 4
    open_bundle(tmp_path / "demo" / "bundle")
