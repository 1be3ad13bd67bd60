import json
from dataclasses import replace

import pytest
from anything import ANYTHING
from hypothesis import given
from record_made import RECORD
from toy_bundle import write_toy_bundle

from leukoscope.bundle.write import extend_bundle
from leukoscope.runtime.report.record import calibration_of, layers_of, make_up_of, saved_layers


def test_the_make_up_is_counted_by_part():
    (one,) = make_up_of(RECORD)
    parts = {part.name: (part.images, part.groups, part.by_label) for part in one.parts}
    assert parts == {
        "ranges": (2, 1, {"Benign": 1, "Pro": 1}),
        "search": (1, 1, {"no label": 1}),
        "gate": (0, 0, {}),
    }
    assert (one.network, one.method, one.returned) == ("xincept_all", "entropy", ("stem",))
    assert (one.left_out, one.missing) == ({"duplicate": 2, "blank": 0}, ("Early",))
    assert (one.seed, one.int8_share) == (3, 0.9)
    assert one.methods[0].cam_error == 0.02 and one.steps[0].n == 64


def test_layers_that_stay_in_float_are_marked():
    found = saved_layers(RECORD, "xincept_all")
    assert [(one.name, one.returned, one.cam_error) for one in found] == [
        ("stem", True, 0.2), ("head", False, 0.0)
    ]  # fmt: skip
    assert saved_layers(RECORD, "sg_cldff") == () == saved_layers(None, "xincept_all")


def test_layers_without_an_error_are_left_out():
    rows = [{"layer": "a", "output_error": None}, {"layer": "b", "output_error": 0.1}, 7]
    assert [one.name for one in layers_of(rows)] == ["b"]


@given(ANYTHING)
def test_a_record_of_anything_is_read(value):
    for record in (
        value if isinstance(value, dict) else None,
        {"networks": value},
        {"networks": {"n": value}},
        {"networks": {"n": dict.fromkeys(RECORD["networks"]["xincept_all"], value)}},
        {"networks": {"n": {"search": dict.fromkeys(("methods", "steps", "sensitivity"), value)}}},
        {"networks": {"n": {"images": [value]}}},
    ):
        make_up_of(record)
        saved_layers(record, "n")


@pytest.mark.parametrize(
    ("data", "found"),
    [(json.dumps(RECORD).encode(), RECORD), (b"{", None), (b"[1]", None), (b'{"a": NaN}', None)],
)
def test_the_bundles_own_record(tmp_path, data, found):
    write_toy_bundle(tmp_path / "b")
    bundle = extend_bundle(tmp_path / "b", replace, {"calibration.json": data})
    assert calibration_of(bundle) == found


def test_a_bundle_without_a_record(toy_bundle):
    assert calibration_of(toy_bundle) is None and make_up_of(None) == ()
