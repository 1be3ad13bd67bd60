"""The tool from end to end on a few made-up images: what it computes, what it leaves, what it does not do twice."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.papers import batch, budget
from benchmarks.papers.__main__ import main
from benchmarks.papers.budget import BUDGETS, digest_of, settings_of
from benchmarks.papers.cells import Cell
from benchmarks.papers.shelf import Shelf
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.opencv import cv2
from leukoscope.progress import Silent

HEADLINE = "masks/unet/baseline/without-bccd/1"
WHOLE = "masks/sg_cldff/whole/by-group/1"
TREES = "stages/xincept_all/whole/by-group/1"


def png(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def cell_image(rng):
    y, x = np.mgrid[:64, :64]
    distance = np.hypot(x - 32, y - 32)
    radius = rng.uniform(12, 18)
    image = np.full((64, 64, 3), rng.integers(200, 240), np.uint8)
    image[distance < radius] = (205, 160, 190)
    image[distance < radius * 0.6] = (130, 40, 95)
    mask = np.array([0, 128, 255], np.uint8)[
        (distance < radius).astype(int) + (distance < radius * 0.6)
    ]
    return image, mask


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The five sets in small: twenty images each, forty fields."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(1)
    for name in ("bccd", "wbc_tecom", "all_idb2"):
        rows = [("image", "label")]
        for index in range(20):
            image, mask = cell_image(rng)
            png(root / name / "images" / f"{index:02d}.png", image)
            png(root / name / "masks" / f"{index:02d}.png", mask)
            rows.append((f"{index:02d}.png", CELL_TYPES[index % 2]))
        with (root / name / "labels.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    for index in range(20):
        png(root / "pbc" / CELL_TYPES[index % 2] / f"{index:02d}.png", cell_image(rng)[0])
    for index in range(80):
        field = rng.integers(60 * (index % 4), 60 * (index % 4) + 60, (48, 48, 3)).astype(np.uint8)
        png(root / "iranian_all" / STAGES[index % 4] / f"{index:02d}.png", field)
    return root


@pytest.fixture
def tiny(monkeypatch):
    """Budgets of a second."""
    small = {
        "masks": replace(BUDGETS["masks"], input_px=64, views=16, batch=4),
        "stages": replace(BUDGETS["stages"], input_px=96, views=16, batch=4, tree_views=2),
    }
    monkeypatch.setattr(budget, "BUDGETS", small)
    return small


def run(data, store, *words):
    return main(["--data", str(data), "-o", str(store), *words])


def test_cells_are_computed_once_and_reported(data, tmp_path, tiny, capsys):
    page = tmp_path / "page.md"
    names = ("left-out", "by-group", "stages", "sg-cldff", "xincept-all")
    page.write_text("".join(f"<!-- papers: {n} -->\n<!-- end of {n} -->\n" for n in names))
    store = tmp_path / "cells"
    for name in (HEADLINE, WHOLE, TREES):
        assert run(data, store, "--only", name, "--page", str(page)) == 0
    files = sorted(store.iterdir())
    assert len(files) == 3
    before = {path: path.stat().st_mtime_ns for path in files}
    assert run(data, store, "--only", WHOLE) == 0
    assert {path: path.stat().st_mtime_ns for path in files} == before
    results = {json.loads(path.read_text())["cell"]: json.loads(path.read_text()) for path in files}
    assert set(results) == {HEADLINE, WHOLE, TREES}
    for result in results.values():
        assert result["views"] == 16 or result["cell"] == TREES
        assert result["machine"] and result["wall_s"] > 0 and result["threads"] == 1
    assert list(results[HEADLINE]["figures"]["sets"]) == ["bccd"]
    assert results[HEADLINE]["images"] == {"fit": 50, "held": 20}
    assert set(results[WHOLE]["figures"]["sets"]) == {"bccd", "wbc_tecom", "all_idb2", "pbc"}
    assert {"trees", "head", "colour", "rarest"} <= set(results[TREES]["figures"])
    assert "1 of 18 cells run" in page.read_text()
    capsys.readouterr()
    assert main(["-o", str(store), "--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("done") for line in listed) == 3


def test_a_set_that_is_not_there_is_no_failure(tmp_path, tiny, capsys):
    (tmp_path / "data").mkdir()
    assert run(tmp_path / "data", tmp_path / "cells", "--only", HEADLINE) == 0
    assert "bccd, wbc_tecom, all_idb2, pbc not at hand" in capsys.readouterr().err


def test_a_set_that_cannot_be_read_fails_in_one_line(data, tmp_path, tiny, capsys):
    broken = tmp_path / "data"
    (broken / "iranian_all" / "Benign").mkdir(parents=True)
    (broken / "iranian_all" / "Benign" / "1.png").write_bytes(b"no image")
    assert run(broken, tmp_path / "cells", "--only", TREES) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and TREES in message


def test_no_cell_begins_that_would_end_too_late(data, tmp_path, tiny, capsys):
    assert run(data, tmp_path / "cells", "--only", HEADLINE, "--max-minutes", "1e-9") == 0
    assert not (tmp_path / "cells").exists()
    assert "would not do" in capsys.readouterr().err


def test_no_data_folder_is_told_in_one_line(tmp_path, capsys):
    assert run(tmp_path / "none", tmp_path / "cells") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_data_is_wanted_unless_nothing_is_computed(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["-o", str(tmp_path)])
    assert exit_.value.code == 2
    assert main(["-o", str(tmp_path), "--report"]) == 0
    assert "not run" in capsys.readouterr().out


def test_other_views_are_other_cells(tmp_path):
    cell = Cell("masks", "unet", "baseline", "by-group", 1)
    one, other = BUDGETS["masks"], replace(BUDGETS["masks"], views=7)
    assert digest_of(settings_of(cell, one)) != digest_of(settings_of(cell, other))


def test_parts_share_no_group_and_every_second_image_of_pbc_is_used(data):
    shelf = Shelf(data, Silent())
    parts = shelf.parts(Cell("masks", "unet", "baseline", "by-group", 1))
    groups = {part: {one.group for one in members} for part, members in parts.items()}
    assert not groups["fit"] & groups["held"]
    every = [one for members in parts.values() for one in members]
    assert sum(one.origin == "pbc" for one in every) == 10
    stages = shelf.parts(Cell("stages", "xincept_all", "whole", "by-group", 1))
    assert set(stages) == {"fit", "rows", "stop", "held"}
    again = shelf.parts(Cell("stages", "xincept_all", "whole", "by-group", 2))
    assert again["fit"][0].levels[0] is stages["fit"][0].levels[0] or again["fit"] != stages["fit"]


def test_the_digest_sees_every_byte(data, tmp_path):
    import shutil

    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    cell = Cell("stages", "xincept_all", "whole", "by-group", 1)
    assert Shelf(data, Silent()).digest(cell) == Shelf(copy, Silent()).digest(cell)
    field = next((copy / "iranian_all" / "Pro").iterdir())
    field.write_bytes(field.read_bytes() + b"\0")
    assert Shelf(data, Silent()).digest(cell) != Shelf(copy, Silent()).digest(cell)


def test_a_cell_that_breaks_does_not_cost_the_others(data, tmp_path, tiny, capsys, monkeypatch):
    written = []

    def compute(cell, *_):
        if cell.seed == 1:
            raise ZeroDivisionError("a fault")
        return {}

    monkeypatch.setattr(batch, "compute", compute)
    monkeypatch.setattr(batch, "write_result", lambda folder, cell, result: written.append(cell))
    pattern = "masks/unet/baseline/by-group/*"
    assert run(data, tmp_path / "cells", "--only", pattern) == 1
    assert [cell.seed for cell in written] == [2, 3]
    assert "ZeroDivisionError" in capsys.readouterr().err
