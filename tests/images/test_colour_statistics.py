import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.colour_statistics import MIN_FIELDS, ColourStatistics, statistics_of

RNG = np.random.default_rng(8)
MIX = np.array([[1.0, 0, 0], [0.8, 0.5, 0], [0, 0.2, 0.1]])
VECTORS = RNG.normal(size=(400, 3)) @ MIX.T + [1, 2, 3]
FOUND = statistics_of(VECTORS)
WRITTEN = FOUND.to_json()


def test_they_are_the_fields_own():
    assert FOUND.fields == 400
    assert FOUND.mean == pytest.approx([1, 2, 3], abs=0.15)
    assert FOUND.covariance == pytest.approx(MIX @ MIX.T, abs=0.2)
    distances = np.array([FOUND.distance(one) for one in VECTORS])
    assert (distances <= FOUND.usual).mean() == pytest.approx(0.95, abs=0.005)
    assert (distances <= FOUND.limit).mean() == pytest.approx(0.995, abs=0.005)


def test_a_distance_knows_which_way_the_fields_lie():
    along, across = FOUND.mean + MIX[:, 0], FOUND.mean + np.array([0.8, -1, 0])
    assert FOUND.distance(across) > 2 * FOUND.distance(along)
    assert FOUND.distance(FOUND.mean) == 0


def test_a_few_odd_fields_do_not_move_the_mean():
    odd = np.vstack([VECTORS, np.full((4, 3), 60.0)])
    assert statistics_of(odd).mean == pytest.approx(FOUND.mean, abs=0.05)


def test_fields_that_are_all_alike_have_a_floor():
    alike = statistics_of(np.ones((MIN_FIELDS, 3)))
    assert alike.distance(np.ones(3) + 0.01) == pytest.approx(math.sqrt(3), rel=0.01)


def test_too_few_are_refused():
    with pytest.raises(InputError, match="at least"):
        statistics_of(VECTORS[: MIN_FIELDS - 1])


def test_what_is_written_is_read_again():
    text = json.dumps(WRITTEN, allow_nan=False)
    again = ColourStatistics.from_json(json.loads(text))
    assert again.to_json() == WRITTEN
    point = np.array([2.0, 2.0, 2.0])
    assert again.distance(point) == pytest.approx(FOUND.distance(point), rel=1e-3)


NAN, INF = math.nan, math.inf
HOSTILE = {
    "none": None,
    "list": [],
    "empty": {},
    "unknown key": {**WRITTEN, "more": 1},
    "missing": {key: one for key, one in WRITTEN.items() if key != "limit"},
    "few fields": {**WRITTEN, "fields": MIN_FIELDS - 1},
    "fields true": {**WRITTEN, "fields": True},
    "fields float": {**WRITTEN, "fields": 400.0},
    "fields huge": {**WRITTEN, "fields": 2**60},
    "mean text": {**WRITTEN, "mean": "abc"},
    "mean empty": {**WRITTEN, "mean": []},
    "mean nan": {**WRITTEN, "mean": [NAN, 1, 2]},
    "mean inf": {**WRITTEN, "mean": [INF, 1, 2]},
    "mean huge": {**WRITTEN, "mean": [1e300, 1, 2]},
    "mean huge whole": {**WRITTEN, "mean": [10**400, 1, 2]},
    "mean bool": {**WRITTEN, "mean": [True, 1, 2]},
    "mean long": {**WRITTEN, "mean": [0.0] * 100_000},
    "covariance short": {**WRITTEN, "covariance": WRITTEN["covariance"][:2]},
    "covariance ragged": {**WRITTEN, "covariance": [[1], [1, 2], [1, 2, 3]]},
    "covariance nested": {**WRITTEN, "covariance": [[[1]] * 3] * 3},
    "covariance lopsided": {**WRITTEN, "covariance": [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]},
    "covariance negative": {**WRITTEN, "covariance": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]},
    "covariance impossible": {**WRITTEN, "covariance": [[1, 9, 0], [9, 1, 0], [0, 0, 1]]},
    "covariance nan": {**WRITTEN, "covariance": [[NAN] * 3] * 3},
    "usual 0": {**WRITTEN, "usual": 0},
    "usual above limit": {**WRITTEN, "usual": WRITTEN["limit"] * 2},
    "limit inf": {**WRITTEN, "limit": INF},
    "limit text": {**WRITTEN, "limit": "5"},
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_is_refused_in_one_line(value):
    with pytest.raises(InputError) as error:
        ColourStatistics.from_json(value, "here")
    assert str(error.value).startswith("here") and "\n" not in str(error.value)
    assert len(str(error.value)) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(key=st.sampled_from(sorted(WRITTEN)), value=JSON)
def test_one_field_replaced_by_anything_is_read_or_refused(key, value):
    try:
        found = ColourStatistics.from_json({**WRITTEN, key: value})
    except InputError:
        return
    assert math.isfinite(found.distance(np.ones(3)))
