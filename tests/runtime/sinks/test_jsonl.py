import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from stand_ins import blob_field, by_trees, result_of

from leukoscope.errors import InputError
from leukoscope.runtime.choose.choice import Choice, Quality
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.intake import without_pixels
from leukoscope.runtime.show import TakesSkips
from leukoscope.runtime.sinks.jsonl import JsonLines, field_row
from leukoscope.runtime.slide.position import OnSlide

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


def test_a_known_scale_is_told_with_how_it_is_known(result):
    scale = FieldScale(0.2512345678, "red_cells", 29.9)
    row = field_row(replace(result, frame=replace(result.frame, scale=scale)))
    assert list(row) == [*FIELD_KEYS, "scale"]
    assert row["scale"] == {"um_per_px": 0.251235, "source": "red_cells"}


def test_a_place_on_the_slide_is_told_with_its_cells_numbers(result):
    place = OnSlide(2, (10.5, math.nan), 1.0, False, (4, 9), (False, True), (3,), ((9, 4),))
    row = field_row(replace(result, on_slide=place, flags=("possible_repeat",)))
    assert list(row) == [*FIELD_KEYS, "on_slide"] and row["flags"] == ["possible_repeat"]
    assert row["on_slide"] == {
        "island": 2,
        "position_px": [10.5, None],
        "certain": False,
        "cell_numbers": [4, 9],
        "new": [False, True],
    }
    assert len(row["cells"]) == len(row["on_slide"]["new"])


def test_an_unclassified_cell_has_the_probability_of_its_likeliest_type(result):
    shares = {"blast": 0.45, "lymphocyte": 0.4, "other": 0.15}
    cell = replace(result.cells[0], probabilities=shares)
    row = field_row(replace(result, cells=(cell,)))["cells"][0]
    assert (row["type"], row["probability"]) == ("unclassified", 0.45)


def test_a_stop_without_a_field_is_a_row_with_its_cause(tmp_path, result):
    choice = Choice("out_of_focus", 3, Quality(0.1, 0.2, None, 0.5, 0.2, 0.1))
    frame = without_pixels(replace(blob_field(index=17), choice=choice))
    with JsonLines(tmp_path / "rows.jsonl") as sink:
        sink.write(result)
        sink.skip(frame)
    taken, skipped = map(json.loads, (tmp_path / "rows.jsonl").read_text().splitlines())
    assert list(skipped) == FIELD_KEYS == list(taken)
    assert taken["skipped"] is None and skipped["skipped"] == "out_of_focus"
    assert (skipped["frame"], skipped["size_px"]) == (17, [220, 160])
    assert skipped["captured_at_ns"] == frame.captured_at_ns and skipped["frame_age_ms"] is None
    assert skipped["cells"] == skipped["flags"] == [] and skipped["stage"] is None


def test_it_is_a_sink_that_wants_to_hear_of_skips():
    assert isinstance(JsonLines(Path("x")), TakesSkips)


def test_a_full_disk_is_one_line_that_names_the_file(result):
    said = "/dev/full cannot be written: No space"
    with pytest.raises(InputError, match=said), JsonLines(Path("/dev/full")) as sink:
        sink.write(result)
