"""Each wrong call of `train` is one line that names the cause, and exit code 1 or 2."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from leukoscope.cli import main
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.opencv import cv2

TINY = ("--size", "nano", "--input-px", "96", "--epochs", "1", "--batch", "4", "--threads", "1")


@pytest.fixture
def train(monkeypatch, capsys):
    """Runs `leukoscope train WORDS` in this process: (exit code, stdout, stderr)."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["leukoscope", "train", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main.main()
        told = capsys.readouterr()
        return int(caught.value.code or 0), told.out, told.err

    return run


def write(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "stages"
    rng = np.random.default_rng(1)
    for level, stage in enumerate(STAGES):
        for index in range(10):
            image = rng.integers(0, 60, (40, 40, 3)) + 45 * level
            write(root / stage / f"{index}.png", image.astype(np.uint8))
    return root


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "cells"
    rows = ["image,label"]
    for index in range(10):
        image = np.full((64, 64, 3), 220 + index, np.uint8)
        mask = np.zeros((64, 64), np.uint8)
        image[20:44, 20:44], mask[20:44, 20:44] = (160, 60, 120), 128
        image[26:38, 26:38], mask[26:38, 26:38] = (110, 30, 80), 255
        write(root / "images" / f"{index}.png", image)
        write(root / "masks" / f"{index}.png", mask)
        rows.append(f"{index}.png,{CELL_TYPES[index % 8]}")
    (root / "labels.csv").write_text("\n".join(rows) + "\n")
    return root


def assert_refused(result, code, words):
    found, out, err = result
    assert found == code, err
    assert out == "" and "Traceback" not in err
    line = err.strip()
    if code == 1:
        assert line.startswith("leukoscope: ") and "\n" not in line
    for word in (words,) if isinstance(words, str) else words:
        assert word in " ".join(line.split())


def test_fusion_trees_and_segmentation_in_turn(train, stages, cells, tmp_path):
    checkpoint, trees = tmp_path / "x.safetensors", tmp_path / "trees.json"
    code, out, err = train("fusion", "--data", stages, "-o", checkpoint, *TINY, "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["schema"] == 1 and report["output"] == str(checkpoint)
    assert report["metrics"]["held"]["n"] > 0 and checkpoint.exists()
    settings = json.loads((tmp_path / "x.safetensors.settings.json").read_text())["settings"]
    assert settings["epochs"] == 1 and settings["size"] == "nano"
    code, out, err = train("trees", "--from", checkpoint, "--data", stages, "-o", trees)
    assert code == 0 and out == "" and "held_trees" in err and trees.exists()
    masks = tmp_path / "s.safetensors"
    code, out, err = train("segmentation", "--data", cells, "-o", masks, *TINY)
    assert code == 0, err
    assert "iou" in err and masks.exists()
    assert_refused(
        train("trees", "--from", masks, "--data", stages, "-o", trees), 1, "checkpoint of sg_cldff"
    )


@pytest.mark.parametrize("verb", ["fusion", "segmentation"])
def test_missing_data(train, tmp_path, verb):
    result = train(verb, "--data", tmp_path / "none", "-o", tmp_path / "x")
    assert_refused(result, 1, ("no such folder", "none", "DIR/CLASS"))


def test_an_unknown_size(train, stages, tmp_path):
    result = train("fusion", "--data", stages, "-o", tmp_path / "x", "--size", "huge")
    assert_refused(result, 1, ("no size 'huge'", "nano or small or full"))


def test_a_class_folder_that_no_map_knows(train, stages, tmp_path):
    write(tmp_path / "set" / "Unheard" / "0.png", np.zeros((40, 40, 3), np.uint8))
    result = train("fusion", "--data", tmp_path / "set", "-o", tmp_path / "x", "--size", "nano")
    assert_refused(result, 1, ("Unheard", "iranian_all"))


def test_a_layout_that_does_not_fit(train, stages, cells, tmp_path):
    tiny = ("-o", tmp_path / "x", "--size", "nano", "--input-px", "96")
    assert_refused(train("fusion", "--data", cells, *tiny), 1, ("xincept_all", "blast"))
    assert_refused(train("segmentation", "--data", stages, *tiny), 1, ("sg_cldff", "Benign"))


def test_images_beside_each_other_are_in_no_layout(train, tmp_path):
    write(tmp_path / "loose" / "0.png", np.zeros((40, 40, 3), np.uint8))
    result = train("fusion", "--data", tmp_path / "loose", "-o", tmp_path / "x", "--size", "nano")
    assert_refused(result, 1, ("not in class folders", "DIR/images"))


def test_an_image_that_cannot_be_read_is_named(train, stages, tmp_path):
    root = shutil.copytree(stages, tmp_path / "set")
    (root / "Early" / "3.png").write_bytes(b"no image")
    result = train("fusion", "--data", root, "-o", tmp_path / "x", *TINY)
    assert_refused(result, 1, "3.png")


def test_nothing_to_resume(train, stages, tmp_path):
    result = train("fusion", "--data", stages, "-o", tmp_path / "x", *TINY, "--resume")
    assert_refused(result, 1, ("nothing to resume", "without --resume"))


def test_no_checkpoint_for_the_trees(train, stages, tmp_path):
    result = train(
        "trees", "--from", tmp_path / "none", "--data", stages, "-o", tmp_path / "t.json"
    )
    assert_refused(result, 1, "no checkpoint at")


def test_an_output_that_cannot_be_written(train, stages, tmp_path):
    (tmp_path / "file").write_text("")
    result = train("fusion", "--data", stages, "-o", tmp_path / "file" / "x", *TINY)
    assert_refused(result, 1, "cannot be written")


def test_timm_weights_fit_only_the_full_size(train, stages, tmp_path):
    result = train("fusion", "--data", stages, "-o", tmp_path / "x", "--weights-inception", "w")
    assert result[0] == 2 and result[2].startswith("leukoscope: ") and "--size full" in result[2]
    assert len(result[2].splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("fusion",),
        ("fusion", "--data", "x"),
        ("fusion", "--data", "x", "-o", "y", "--epochs", "0"),
        ("fusion", "--data", "x", "-o", "y", "--batch", "1"),
        ("fusion", "--data", "x", "-o", "y", "--rate", "fast"),
        ("fusion", "--data", "x", "-o", "y", "--jitter", "-1"),
        ("segmentation", "--data", "x", "-o", "y", "--weights-inception", "z"),
        ("trees", "--data", "x", "-o", "y"),
        ("forests",),
    ],
    ids=" ".join,
)
def test_wrong_usage(train, words):
    assert_refused(train(*words), 2, "Usage")


@pytest.mark.parametrize("wrong", [("--rate", "nan"), ("--rate", "0"), ("--ema-decay", "1.0")])
def test_settings_that_cannot_train(train, stages, tmp_path, wrong):
    result = train("fusion", "--data", stages, "-o", tmp_path / "x", *TINY, *wrong)
    assert_refused(result, 1, "wanted")


def test_a_label_map_may_be_given(train, stages, tmp_path):
    root = shutil.copytree(stages, tmp_path / "set")
    (root / "Early").rename(root / "L1")
    words = ("--data", root, "-o", tmp_path / "x", *TINY)
    assert_refused(train("fusion", *words), 1, ("L1", "--label-map"))
    file = tmp_path / "map.toml"
    pairs = 'Benign = "Benign"\nL1 = "Early"\nPre = "Pre"\nPro = "Pro"\n'
    file.write_text(f'name = "ours"\nnetwork = "xincept_all"\n[targets]\n{pairs}')
    code, _, err = train("fusion", *words, "--label-map", file)
    assert code == 0, err
    code, _, err = train(
        "trees", "--from", tmp_path / "x", "--data", root, "-o", tmp_path / "t.json",
        "--views", "1", "--label-map", file,
    )  # fmt: skip
    assert code == 0, err
    assert_refused(
        train("segmentation", *words, "--label-map", file), 1, ("ours is for xincept_all",)
    )


def test_settings_may_come_from_a_file(train, tmp_path, stages):
    file = tmp_path / "run.toml"
    file.write_text(f'data = ["{stages}"]\noutput = "{tmp_path / "x"}"\nsize = "huge"\n')
    assert_refused(train("fusion", "--config", file), 1, "no size 'huge'")
    assert_refused(train("fusion", "--config", file, "--size", "wide"), 1, "no size 'wide'")


@pytest.mark.parametrize(("verb", "module"), [("fusion", "torch"), ("trees", "xgboost")])
def test_a_machine_without_the_workstation_packages(tmp_path, verb, module):
    """In a process of its own: modules that were taken out and imported again are not the same modules."""
    words = ["--data", str(tmp_path), "-o", str(tmp_path / "x.json")]
    words += ["--from", str(tmp_path)] if verb == "trees" else []
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"sys.argv = {['leukoscope', 'train', verb, *words]!r}\n"
        "from leukoscope.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 4 and done.stdout == ""
    assert f"train needs {module}" in done.stderr
    assert "pip install 'leukoscope[workstation]'" in done.stderr
