"""Every command of the README and of the pages in docs/ works as it stands."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from leukoscope.images.painter.folders import write_class_set, write_mask_set

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
QUICK = "--size nano --input-px 96 --epochs 1 --batch 4"
"""Training as the README has it takes an hour; these flags make it a taste."""
LENIENT = "--images 16 --accept-undecided --max-accuracy-drop 0.9 --max-recall-drop 0.9"
"""After one epoch votes are a toss, and the gate would not let them pass."""


def commands(text: str) -> list[str]:
    """Lines of indented blocks that call something, comments cut off."""
    lines = [line[4:] for line in text.splitlines() if re.match(r"    \S", line)]
    known = ("leukoscope ", "make ", "pip ", "python3 ", ".venv/bin/")
    return [line.split("  #")[0].strip() for line in lines if line.startswith(known)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which the README's names stand for something."""
    root = tmp_path_factory.mktemp("readme")
    write_class_set(root / "fields", 12, seed=31, size_px=(160, 120))
    write_mask_set(root / "cells", 24, seed=31, cell_size_px=96)
    return root


def filled_in(command: str) -> list[str]:
    """The words of a README line, with a real data folder for DIR and a source for SOURCE."""
    words = shlex.split(command)
    data = "cells" if "segmentation" in words else "fields"
    words = [{"DIR": data, "SOURCE": "synthetic://?fields=2&seed=5"}.get(w, w) for w in words]
    if words[1] == "train" and words[2] != "trees":
        words += QUICK.split()
    if words[1] == "calibrate":
        words += [*LENIENT.split(), "--min-cam-agreement", "0.1"]
    return words


def test_the_way_of_a_model_can_be_walked_as_written(folder):
    """The block from doctor to run, in its order, each on what the one before left."""
    block = README.split("## The way of a model")[1].split("\n## ")[0]
    walked = [c for c in commands(block) if c.startswith("leukoscope ")]
    assert [c.split()[1] for c in walked] == [
        "doctor", "train", "train", "train", "export", "inspect", "validate", "calibrate",
        "profile", "run"
    ]  # fmt: skip
    for command in walked:
        words = [sys.executable, "-m", *filled_in(command)]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert len(list((folder / "overlays").iterdir())) == 2
    assert (folder / "fields.jsonl").read_text().count("\n") == 2


def test_on_a_machine_without_a_gpu_the_lines_for_the_device_work_or_say_what_is_missing(
    ready_bundle, tmp_path
):
    block = README.split("## On the device")[1]
    lines = [command for command in commands(block) if command.startswith("leukoscope build")]
    assert len(lines) == 2
    for command in lines:
        words = [str(ready_bundle) if word == "BUNDLE" else word for word in shlex.split(command)]
        words = [sys.executable, "-m", *words, "--network", "xincept_all"]
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        assert done.returncode in (0, 4) and "Traceback" not in done.stderr
        assert done.returncode == 0 or len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_the_lines_for_the_microscope_work_as_written(ready_bundle, tmp_path):
    """The run twice, as the second finds every field in the journal; then the viewer over it, and the report."""
    block = README.split("## At the microscope")[1].split("\n## ")[0]
    run, viewer, report = map(shlex.split, commands(block))
    painted = run[3]
    stands_for = {"BUNDLE": str(ready_bundle), "SOURCE": painted}
    run, viewer, report = (
        [sys.executable, "-m", *(stands_for.get(word, word) for word in words)]
        for words in (run, viewer, report)
    )
    for said in ("fields", "known"):
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0 and said in done.stderr, done.stderr
    with subprocess.Popen(viewer, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        (address,) = re.findall(
            r"http://\S+", next(line for line in process.stderr if "http" in line)
        )
        close_when_over(address)
        process.communicate(timeout=60)
    assert process.returncode == 0
    done = subprocess.run(report, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "S-1204" in (tmp_path / "S-1204.html").read_text(encoding="utf-8")
    assert {one.name for one in (tmp_path / "tables").iterdir()} == {"cells.csv", "fields.csv"}


def close_when_over(address: str) -> None:
    """As the page's button does, once the run has ended."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.open(address, timeout=30).read()
    root = address.partition("?")[0]
    until = time.monotonic() + 120
    while json.load(opener.open(f"{root}state", timeout=30))["run"]["state"] != "ended":
        assert time.monotonic() < until
        time.sleep(0.2)
    close = urllib.request.Request(
        f"{root}control", b'{"action": "close"}', {"Content-Type": "application/json"}
    )
    assert json.load(opener.open(close, timeout=30))["ok"]


def test_make_and_the_lines_without_make_do_the_same():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    for command in commands(README):
        if command.startswith("make "):
            assert command.split()[1] in targets
    assert "--constraint constraints.txt" in makefile
    assert "--editable '.[workstation,viewer,parquet,test,dev]'" in makefile
    assert '-m "not heavy and not gpu"' in makefile
    assert len(makefile.splitlines()) < 45


def test_every_link_of_the_documentation_leads_somewhere():
    pages = [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(
            r"\]\((?!https?:)([^)#\s]+)[^)\s]*\)", page.read_text(encoding="utf-8")
        ):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_verb_has_its_page():
    verbs = "train export calibrate build validate profile run report inspect doctor demo"
    for verb in verbs.split():
        assert (REPOSITORY / "docs" / f"{verb}.md").is_file()
