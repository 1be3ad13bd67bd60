import json

import numpy as np
import pytest
from flat_smears import flat_smear

from leukoscope.errors import InputError
from leukoscope.images.colour_sources import (
    MOST_SOURCES,
    gather_sources,
    known_colours,
    sources_from_json,
    sources_to_json,
    with_colours,
)
from leukoscope.images.colour_statistics import MIN_FIELDS, statistics_of
from leukoscope.images.colours import NAMES


def smears(laboratory, count):
    return [flat_smear(laboratory, seed) for seed in range(count)]


@pytest.fixture(scope="module")
def sources():
    fields = [("lab b", one) for one in smears(1, 31)] + [("lab a", one) for one in smears(3, 30)]
    return gather_sources([*fields, *(("few", one) for one in smears(2, 5))])


def test_each_source_has_its_own_and_small_ones_have_none(sources):
    assert {name: one.fields for name, one in sources.items()} == {"lab a": 30, "lab b": 31}
    assert list(sources) == ["lab a", "lab b"]
    assert sources["lab a"].distance(sources["lab b"].mean) > sources["lab a"].limit


def test_names_that_cannot_be_printed_are_mended():
    (name,) = gather_sources(("a\nb" * 100, one) for one in smears(0, 30))
    assert name.isprintable() and len(name) == 200
    assert sources_from_json(sources_to_json(gather_sources((name, one) for one in smears(0, 30))))


def test_they_travel_as_json(sources):
    again = sources_from_json(json.loads(json.dumps(sources_to_json(sources), allow_nan=False)))
    assert sources_to_json(again) == sources_to_json(sources)


def test_provenance_carries_them_by_part(sources):
    provenance = with_colours({"weights": "w"}, "training", sources)
    both = with_colours(provenance, "calibration", {"lab a": sources["lab a"]})
    known = known_colours(both, "here")
    assert {part: list(found) for part, found in known.items()} == {
        "training": ["lab a", "lab b"],
        "calibration": ["lab a"],
    }
    assert both["weights"] == "w" and "colours" not in {"weights": "w"}
    again = with_colours(both, "calibration", {})
    assert again == provenance


def test_no_colours_are_no_key():
    assert with_colours({"weights": "w"}, "training", {}) == {"weights": "w"}
    assert known_colours({"weights": "w"}, "here") == {}


ROW = statistics_of(np.random.default_rng(0).normal(size=(MIN_FIELDS, len(NAMES)))).to_json()
SHORT = statistics_of(np.random.default_rng(0).normal(size=(MIN_FIELDS, 3))).to_json()
HOSTILE = {
    "text": "training",
    "list": [],
    "unknown part": {"training": {}, "held": {}},
    "part list": {"training": [ROW]},
    "part null": {"training": None},
    "no statistics": {"training": {"a": {}}},
    "other length": {"training": {"a": SHORT}},
    "no name": {"training": {"": ROW}},
    "line break": {"training": {"a\nb": ROW}},
    "long name": {"training": {"a" * 500: ROW}},
    "number for a name": {"training": {3: ROW}},
    "too many": {"training": {str(n): ROW for n in range(MOST_SOURCES + 1)}},
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_is_refused_in_one_line(value):
    with pytest.raises(InputError, match="here: colours") as error:
        known_colours({"colours": value}, "here")
    assert "\n" not in str(error.value) and len(str(error.value)) < 400
