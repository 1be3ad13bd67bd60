from dataclasses import replace

import numpy as np
import pytest
from measure.slide_match import figures, match

from leukoscope.images.painter.slide_camera import Shot
from leukoscope.images.painter.slide_truth import SlideCell
from leukoscope.runtime.field import Cell, Frame, Result
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.sources.slide_path import Stop
from leukoscope.runtime.sources.slide_shots import Moment
from leukoscope.runtime.sources.slide_truth import SlideTruth

SIZE = (100, 80)
PLACES = ((10, 10), (40, 10), (62, 10), (130, 10))


class Slide:
    """Four square cells of 20 px; the second and the third touch."""

    cells = tuple(
        SlideCell(i, "blast", (x, y, 20, 20), 400, 400, (x + 9.5, y + 9.5))
        for i, (x, y) in enumerate(PLACES, start=1)
    )
    instances = np.zeros((80, 200), np.uint16)
    for cell in cells:
        x, y, width, height = cell.box_px
        instances[y : y + height, x : x + width] = cell.id


CORNERS = ((0.0, 0.0), (55.0, 0.0))
TRUTH = SlideTruth(
    Slide(), [Stop(c) for c in CORNERS], [Moment(Shot(c), i, True) for i, c in enumerate(CORNERS)], SIZE
)  # fmt: skip


def found(frame, *cells, same=(), certain=True):
    """A result: cells are (x, y, width, number, new, type) in the frame's pixels."""
    instances = np.zeros((SIZE[1], SIZE[0]), np.uint16)
    made = []
    for i, (x, y, width, _, _, type) in enumerate(cells, start=1):
        instances[y : y + 20, max(0, x) : x + width] = i
        made.append(Cell((x, y, width, 20), {type: 1.0}, width * 20, 0.5, 0.9))
    result = Result(
        Frame(np.zeros((80, 100, 3), np.uint8), "s", f"f{frame}", frame),
        {}, None, instances, tuple(made), None, (), None,
    )  # fmt: skip
    numbers, new = tuple(c[3] for c in cells), tuple(c[4] for c in cells)
    place = OnSlide(1, CORNERS[frame], 1.0, certain, numbers, new, same_cells=same)
    return match(TRUTH, replace(result, on_slide=place), frame)


ALL = (
    (10, 10, 20, 1, True, "blast"),
    (40, 10, 20, 2, True, "blast"),
    (62, 10, 20, 3, True, "lymphocyte"),
)
SECOND = ((7, 10, 20, 3, False, "blast"), (75, 10, 20, 4, True, "blast"))


def count(*fields):
    return figures(TRUTH, fields)


def test_a_perfect_run():
    done = count(found(0, *ALL), found(1, *SECOND))
    assert done["true"] == done["counted"] == 4 and done["deviation"] == 0
    assert not any(done[k] for k in ("missed", "twice", "two_in_one", "no_cell", "counted_cut"))
    assert (done["recall_in_fields"], done["precision_in_fields"]) == (1.0, 1.0)
    assert done["seen_in_fields"] == 5 and done["fields"] == 2


def test_a_cell_that_gets_two_numbers_is_counted_twice():
    again = (7, 10, 20, 5, True, "blast")
    done = count(found(0, *ALL), found(1, again, SECOND[1]))
    assert done["twice"] == 1 and done["counted"] == 5 and done["deviation"] == 0.25


def test_a_number_that_turned_out_to_be_another_s_counts_once():
    again = (7, 10, 20, 5, True, "blast")
    done = count(found(0, *ALL), found(1, again, SECOND[1], same=((5, 3),)))
    assert done["twice"] == 0 and done["counted"] == 4


def test_two_cells_found_as_one_are_one_miss():
    done = count(found(0, ALL[0], (40, 10, 42, 2, True, "blast")))
    assert (done["true"], done["counted"], done["missed"], done["no_cell"]) == (3, 2, 1, 0)


def test_one_number_for_two_cells_is_told():
    done = count(found(0, *ALL), found(1, (75, 10, 20, 1, False, "blast")))
    assert done["two_in_one"] == 1 and done["counted"] == 3 and done["missed"] == 0


def test_what_lies_on_no_cell_is_told():
    done = count(found(0, *ALL, (40, 50, 20, 9, True, "blast")))
    assert done["no_cell"] == 1 and done["precision_in_fields"] == 0.75


def test_what_is_typed_as_no_white_cell_is_not_counted():
    done = count(found(0, ALL[0], ALL[1], (62, 10, 20, 3, True, "other")))
    assert done["counted"] == 2 and done["missed"] == 1
    assert done["recall_in_fields"] == pytest.approx(0.6667)


def test_a_cell_that_is_nowhere_half_seen_is_neither_right_nor_wrong():
    """The second cell shows 5 of its 20 columns in the second field."""
    whole = [(x, y, width, number, True, type) for x, y, width, number, _, type in SECOND]
    done = count(found(1, (0, 10, 5, 1, True, "blast"), *whole))
    assert done["true"] == 2 and done["counted"] == 3 and done["counted_cut"] == 1
    assert done["deviation_without_cut"] == 0 and done["no_cell"] == 0


def test_fields_whose_place_is_not_proven_are_told():
    done = count(found(0, *ALL), found(1, *SECOND, certain=False))
    assert done["possible_repeats"] == 1


def test_an_empty_run_has_no_shares():
    done = count()
    assert done["deviation"] is None and done["recall_in_fields"] is None
