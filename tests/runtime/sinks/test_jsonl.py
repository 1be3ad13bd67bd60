import json
import math
from dataclasses import replace

import pytest
from stand_ins import blob_field, by_trees, result_of

from leukoscope.errors import InputError
from leukoscope.runtime.sinks.jsonl import JsonLines, field_row

FIELD_KEYS = [
    "schema", "source", "frame", "captured_at_ns", "frame_age_ms", "size_px", "stage",
    "probabilities", "voter", "head_stage", "flags", "cells", "skipped",
]  # fmt: skip
CELL_KEYS = ["box_px", "type", "probability", "area_px", "nc_ratio", "roundness"]


def test_a_row_has_the_contracts_keys_and_no_others(result):
    row = field_row(result)
    assert list(row) == FIELD_KEYS
    assert [list(cell) for cell in row["cells"]] == [CELL_KEYS] * 2
    assert row["schema"] == 1 and row["skipped"] is None
    assert row["size_px"] == [220, 160] and row["voter"] == "trees"
    assert row["stage"] == "Early" and row["probabilities"]["Early"] == 0.9
    assert row["cells"][0]["type"] == "blast" and row["cells"][0]["probability"] == 0.93


def test_a_trees_map_is_named_with_the_share_that_has_no_place(result):
    row = field_row(by_trees(result))
    assert list(row) == [*FIELD_KEYS, "explanation"]
    assert row["explanation"] == {"method": "trees", "even_share": 0.125}


def test_a_line_a_field_is_on_the_disk_at_once(tmp_path, result):
    path = tmp_path / "new" / "rows.jsonl"
    with JsonLines(path) as sink:
        for count in (1, 2):
            sink.write(result)
            assert len(path.read_text().splitlines()) == count
    assert all(json.loads(line)["schema"] == 1 for line in path.read_text().splitlines())


def test_what_is_undefined_is_null_never_nan(result):
    cell = replace(result.cells[0], nc_ratio=None, roundness=math.nan)
    row = field_row(replace(result, cells=(cell,)))
    assert row["cells"][0]["nc_ratio"] is None and row["cells"][0]["roundness"] is None
    assert "NaN" not in json.dumps(row, allow_nan=False)


def test_a_bundle_of_one_network_leaves_nulls():
    row = field_row(replace(result_of(blob_field(), with_cells=False), vote=None))
    assert (row["stage"], row["voter"], row["head_stage"]) == (None, None, None)
    assert row["probabilities"] == {} and row["cells"] == []


def test_a_place_that_cannot_be_written_is_named(tmp_path, result):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"), JsonLines(tmp_path / "file" / "x.jsonl"):
        pass
