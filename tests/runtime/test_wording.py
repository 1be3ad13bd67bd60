from dataclasses import replace

from stand_ins import blob_field, result_of

from leukoscope.runtime.wording import count_cells, describe_field, list_cells


def test_cells_are_listed_commonest_first_and_others_apart():
    assert list_cells({"blast": 1, "lymphocyte": 2, "other": 4}) == (
        "3 white cells: 2 lymphocyte, 1 blast; 4 other"
    )
    assert list_cells({"blast": 1}) == "1 white cell: 1 blast"
    assert list_cells({}) == "no white cells"
    assert list_cells({"other": 1}) == "no white cells; 1 other"


def test_a_field_in_one_line():
    result = result_of(blob_field(), flags=("low_probability",))
    assert describe_field(result) == (
        "blobs_0: Early 0.90 (trees); 2 white cells: 2 blast [low probability]"
    )


def test_what_a_bundle_cannot_tell_is_said():
    result = replace(result_of(blob_field(), with_cells=False), vote=None)
    assert describe_field(result) == "blobs_0: cells not sought: no SG-CLDFF in this bundle"
    assert "not sought" in count_cells(result)
