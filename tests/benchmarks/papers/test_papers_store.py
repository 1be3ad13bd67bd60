import json

import pytest

from benchmarks.papers.cells import Cell
from benchmarks.papers.store import path_of, read_result, read_results, write_result

CELL = Cell("masks", "unet", "baseline", "by-group", 1)
RESULT = {"settings_sha256": "s", "data_sha256": "d", "figures": {}}


def test_a_result_comes_back_for_the_same_settings_and_images_only(tmp_path):
    write_result(tmp_path, CELL, RESULT)
    assert read_result(tmp_path, CELL, "s", "d")["figures"] == {}
    assert read_result(tmp_path, CELL, "s") is not None
    assert read_result(tmp_path, CELL, "other", "d") is None
    assert read_result(tmp_path, CELL, "s", "other") is None
    assert list(tmp_path.iterdir()) == [path_of(tmp_path, CELL)]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 2}', "\x00", '{"schema": 1}'])
def test_a_damaged_file_counts_as_not_run(tmp_path, text):
    path_of(tmp_path, CELL).write_text(text)
    assert read_result(tmp_path, CELL, "s") is None


def test_what_is_not_utf_8_counts_as_not_run(tmp_path):
    path_of(tmp_path, CELL).write_bytes(b"\xff\xfe")
    assert read_result(tmp_path, CELL, "s") is None


def test_nan_is_refused_and_leaves_the_old_result(tmp_path):
    write_result(tmp_path, CELL, RESULT)
    with pytest.raises(ValueError):
        write_result(tmp_path, CELL, {**RESULT, "figures": {"x": float("nan")}})
    assert json.loads(path_of(tmp_path, CELL).read_text())["figures"] == {}


def test_only_the_cells_that_are_there_are_read(tmp_path):
    other = Cell("masks", "unet", "baseline", "by-group", 2)
    write_result(tmp_path, CELL, RESULT)
    assert list(read_results(tmp_path, [(CELL, "s"), (other, "s")])) == [CELL]
