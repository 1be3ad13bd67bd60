"""Every command of the README and of the pages in docs/ works as it stands."""

import os
import re
import shlex
import subprocess
import sys
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
        "doctor", "train", "train", "train", "export", "inspect", "validate", "calibrate", "run"
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


def test_the_line_for_the_microscope_works_and_goes_on(ready_bundle, tmp_path):
    """Twice: the second run finds every field in the journal."""
    block = README.split("## At the microscope")[1].split("\n## ")[0]
    (line,) = (command for command in commands(block) if command.startswith("leukoscope run"))
    words = [str(ready_bundle) if word == "BUNDLE" else word for word in shlex.split(line)]
    for said in ("fields", "known"):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0 and said in done.stderr, done.stderr
    assert (tmp_path / "S-1204.db").is_file()


def test_make_and_the_lines_without_make_do_the_same():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    for command in commands(README):
        if command.startswith("make "):
            assert command.split()[1] in targets
    assert "--constraint constraints.txt" in makefile
    assert "--editable '.[workstation,test,dev]'" in makefile
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
    for verb in ("train", "export", "validate", "run", "inspect", "doctor", "demo"):
        assert (REPOSITORY / "docs" / f"{verb}.md").is_file()
