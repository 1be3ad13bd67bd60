import json
from dataclasses import replace

import pytest
from stand_ins import blob_field, result_of

from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.tally import Tally, new_cells


def on_slide(result, *new):
    numbers = tuple(range(1, 1 + len(new)))
    return replace(result, on_slide=OnSlide(1, (0.0, 0.0), 1.0, True, numbers, new))


def unsure(result):
    """Its cells with no type that is likelier than all others together."""
    shares = {"blast": 0.4, "lymphocyte": 0.35, "other": 0.25}
    return replace(result, cells=tuple(replace(c, probabilities=shares) for c in result.cells))


def test_counts_add_up():
    tally = Tally()
    tally.add(result_of(blob_field(), flags=("low_probability",)))
    tally.add(result_of(blob_field(((60, 60, 30, 16),))))
    tally.unreadable.append("x.png is empty")
    tally.close(9, {"moving": 4, "same_stop": 2, "unreadable": 1})
    got = json.loads(json.dumps(tally.to_json(), allow_nan=False))
    assert got["schema"] == 1 and got["fields"] == 2 and got["stages"] == {"Early": 2}
    assert got["cells"] == {"blast": 3} and got["flags"] == {"low_probability": 1}
    assert got["unreadable"] == ["x.png is empty"] and got["stopped"] is False
    assert got["captured"] == 9 == got["fields"] + sum(got["drops"].values())
    assert got["differential"]["counts"] == {"blast": 3}
    assert got["notice"] == "research use only"


def test_in_words_it_is_a_few_lines():
    tally = Tally()
    tally.add(result_of(blob_field(), flags=("low_probability",)))
    tally.add(result_of(blob_field(((60, 60, 30, 16),))))
    tally.unreadable.append("x.png is empty")
    tally.close(9, {"unreadable": 1, "same_stop": 2, "moving": 4})
    found, dropped, unknown, counted = tally.in_words()
    assert unknown == "scale unknown in 2 fields: give --um-per-px"
    assert found.startswith("2 fields (2 Early); 3 white cells: 3 blast; 1 left out; ")
    assert found.endswith(" s")
    assert dropped == "of 9 frames not taken: 4 moving, 2 same stop, 1 unreadable"
    assert counted == "not enough cells: 3 of 100 white cells"


@pytest.mark.parametrize("stopped", [False, True])
def test_where_nothing_came_there_is_one_line(stopped):
    tally = Tally(stopped=stopped)
    tally.close()
    (line,) = tally.in_words()
    assert line.startswith("0 fields; stopped before the end; " if stopped else "0 fields; 0.0 s")


def test_a_cell_of_the_slide_is_counted_once():
    tally, result = Tally(), result_of(blob_field())
    tally.add(on_slide(result, True, True))
    tally.add(on_slide(result, False, True))
    tally.add(on_slide(result, False, False))
    assert tally.fields == 3 and tally.white_cells == 3 and tally.cells == {"blast": 3}


def test_without_a_map_every_cell_is_new():
    result = result_of(blob_field())
    assert list(new_cells(result)) == list(result.cells)
    assert list(new_cells(on_slide(result, False, True))) == [result.cells[1]]


def test_a_place_that_does_not_fit_its_cells_is_no_count():
    with pytest.raises(ValueError, match="zip"):
        list(new_cells(on_slide(result_of(blob_field()), True)))


def test_unclassified_cells_are_white_cells_of_no_type():
    tally = Tally()
    tally.add(unsure(result_of(blob_field())))
    assert tally.cells == {"unclassified": 2} and tally.white_cells == 2


def test_a_bundle_without_stages_counts_none():
    tally = Tally()
    tally.add(replace(result_of(blob_field()), vote=None))
    assert tally.to_json()["stages"] == {} and tally.in_words()[0].startswith("1 field; 2 white")


def test_time_stops_at_the_end():
    tally = Tally()
    tally.close()
    assert tally.seconds == tally.seconds >= 0


def test_a_cell_of_two_islands_that_meet_is_counted_once():
    """Two fields saw it before a third showed that they lie on each other."""
    tally, seen = Tally(), result_of(blob_field())
    first = OnSlide(1, (0, 0), 1, True, (1, 2), (True, True))
    apart = OnSlide(2, (0, 0), 1, True, (3, 4), (True, True))
    between = OnSlide(1, (9, 0), 1, True, (2, 5), (False, True), (2,), ((3, 1),))
    for place in (first, apart, between):
        tally.add(replace(seen, on_slide=place))
    assert tally.white_cells == 4 and tally.cells["blast"] == 4
