import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bundle import write_toy_bundle
from variants import add_variant

from leukoscope.errors import InputError
from leukoscope.runtime.calibration_part import calibration_part
from leukoscope.runtime.provenance import Seen


def image(sha256, group, part):
    return {"name": "x", "sha256": sha256, "group": group, "part": part, "label": ""}


def with_record(tmp_path, value):
    root = write_toy_bundle(tmp_path / "b").root
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return add_variant(root, "sg_cldff", "int8", files={"calibration.json": data})


def test_what_ranges_and_search_used_is_seen_and_what_the_gate_used_is_not(tmp_path):
    images = [image("a", "s/1", "ranges"), image("b", "s/2", "search"), image("c", "s/3", "gate")]
    record = {"schema": 1, "networks": {"sg_cldff": {"images": images, "method": "entropy"}}}
    bundle = with_record(tmp_path, record)
    used = calibration_part(bundle, "sg_cldff")
    assert used == Seen(frozenset("ab"), frozenset(("s/1", "s/2")))
    assert calibration_part(bundle, "xincept_all") == Seen()


def test_a_bundle_that_was_not_calibrated_has_used_nothing(toy_bundle):
    assert calibration_part(toy_bundle, "sg_cldff") == Seen()


@pytest.mark.parametrize(
    "value",
    [
        b"no json",
        [],
        {},
        {"networks": []},
        {"networks": {"sg_cldff": {}}},
        {"networks": {"sg_cldff": {"images": {}}}},
        {"networks": {"sg_cldff": {"images": [3]}}},
        {"networks": {"sg_cldff": {"images": [{"part": "ranges", "group": "g"}]}}},
        {"networks": {"sg_cldff": {"images": [{"part": "ranges", "sha256": 1, "group": "g"}]}}},
        {"networks": {"sg_cldff": {"images": [{"sha256": "a", "group": "g"}]}}},
    ],
)
def test_a_record_that_cannot_be_read_is_refused_not_taken_for_empty(tmp_path, value):
    with pytest.raises(InputError, match=r"calibration\.json"):
        calibration_part(with_record(tmp_path, value), "sg_cldff")


class Stub:
    """A bundle that holds this file and nothing else."""

    root = None

    def __init__(self, data):
        self._data = data
        self.manifest = self
        self.files = {"calibration.json": None}
        from pathlib import Path

        self.root = Path("b")

    def read_bytes(self, name):
        return self._data


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["networks", "n", "images", "part", "sha256", "group", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read_or_refused(value):
    try:
        used = calibration_part(Stub(json.dumps(value).encode()), "n")
    except InputError:
        return
    assert all(isinstance(one, str) for one in used.images | used.groups)
