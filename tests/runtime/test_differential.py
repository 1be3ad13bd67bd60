import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.images.classes import CELL_TYPES
from leukoscope.runtime.differential import ENOUGH_CELLS, Differential
from leukoscope.runtime.field import UNCLASSIFIED, Cell


def cell(name, probability=0.9, nc_ratio=0.5):
    """Of that type; with less than a half the rest is spread, so that it stays the likeliest."""
    rest = (1 - probability) / (len(CELL_TYPES) - 1)
    shares = {one: probability if one == name else rest for one in CELL_TYPES}
    return Cell((0, 0, 9, 9), shares, 60, nc_ratio, 0.9)


def counted(*cells):
    differential = Differential()
    differential.add(cells)
    return differential


def test_under_a_hundred_it_is_headed_not_enough():
    few = counted(*[cell("blast")] * (ENOUGH_CELLS - 1), cell("other"))
    assert not few.enough and few.heading == "not enough cells: 99 of 100 white cells"
    few.add([cell("lymphocyte")])
    assert few.enough and few.heading == "differential of 100 white cells"
    assert few.to_json()["heading"] == few.heading


def test_nucleated_cells_that_are_not_white_are_given_per_hundred_white_ones():
    white = [cell("blast")] * 40 + [cell("monocyte")] * 40
    others = [cell("other"), cell("other", nc_ratio=None), cell("other", nc_ratio=0.0)]
    got = counted(*white, *others)
    assert got.total == 80 and got.nucleated_others == 2, "what has no nucleus is none"
    assert got.nucleated_others_per_100 == 2.5
    assert got.to_json()["nucleated_others_per_100"] == 2.5


def test_without_white_cells_nothing_is_per_hundred():
    got = counted(cell("other"))
    assert got.nucleated_others_per_100 is None and got.total == 0
    row = json.loads(json.dumps(got.to_json(), allow_nan=False))
    assert row["nucleated_others"] == 1 and row["nucleated_others_per_100"] is None
    assert row["counts"] == row["shares"] == {}
    assert row["heading"] == "not enough cells: 0 of 100 white cells"


def test_a_cell_that_is_not_sure_enough_is_unclassified_and_stands_last():
    unsure = cell("blast", 0.4)
    assert unsure.type == UNCLASSIFIED and unsure.likeliest == "blast"
    got = counted(unsure, unsure, unsure, cell("monocyte"), cell("blast"), cell("blast"))
    row = got.to_json()
    assert list(row["counts"].items()) == [("blast", 2), ("monocyte", 1), (UNCLASSIFIED, 3)]
    assert row["shares"] == {"blast": 0.3333, "monocyte": 0.1667, UNCLASSIFIED: 0.5}


@pytest.mark.parametrize(("probability", "name"), [(0.5, "blast"), (0.4999, UNCLASSIFIED)])
def test_half_is_sure_enough(probability, name):
    assert cell("blast", probability).type == name


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CELL_TYPES),
            st.sampled_from([0.3, 0.6, 0.99]),
            st.sampled_from([None, 0.0, 0.4]),
        )
    )
)
def test_each_cell_is_counted_once_wherever_it_belongs(seen):
    cells = [cell(*one) for one in seen]
    got = counted(*cells)
    without = sum(one.type == "other" and one.nc_ratio == 0 for one in cells)
    assert got.total + got.nucleated_others + without == len(cells)
    row = got.to_json()
    assert sum(row["counts"].values()) == row["white_cells"] == got.total
    assert not row["shares"] or sum(row["shares"].values()) == pytest.approx(1, abs=1e-3)
