from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import blob_field

from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.red_cells import RED_CELL_UM
from leukoscope.runtime.scale_keeper import (
    AGREEMENT,
    ENOUGH,
    LOOK_EVERY,
    REMEMBERED,
    ScaleKeeper,
    is_off,
)


class Red:
    """Stands for what is measured: a diameter, and whether it is sure."""

    def __init__(self, diameter_px, confident=True):
        self.diameter_px, self.confident = diameter_px, confident


class Measure:
    """Gives the next of `diameters` at each look, then the last for ever; None: nothing to be seen."""

    def __init__(self, *diameters):
        self.diameters, self.looks = list(diameters), 0

    def __call__(self, pixels):
        self.looks += 1
        one = self.diameters.pop(0) if len(self.diameters) > 1 else self.diameters[0]
        return one if one is None or isinstance(one, Red) else Red(one)


FRAME = blob_field()
WIDE = replace(FRAME, pixels=np.zeros((90, 300, 3), np.uint8))


def test_the_first_field_is_measured_and_called_an_estimate():
    scale = ScaleKeeper(measure=Measure(30.0))(FRAME)
    assert scale == FieldScale(RED_CELL_UM / 30, "red_cells", 30.0)


@pytest.mark.parametrize("seen", [None, Red(30.0, confident=False)])
def test_where_red_cells_cannot_be_measured_nothing_is_claimed(seen):
    assert ScaleKeeper(measure=Measure(seen))(FRAME) == FieldScale()


def test_a_field_without_red_cells_has_the_scale_of_those_before_it():
    keeper = ScaleKeeper(measure=Measure(30.0, 31.0, 32.0, None))
    assert [keeper(FRAME).red_cell_px for _ in range(5)] == [30, 31, 32, 31, 31]


def test_when_some_agree_it_settles_and_looks_seldom():
    measure = Measure(30.0)
    keeper = ScaleKeeper(measure=measure)
    for _ in range(ENOUGH):
        keeper(FRAME)
    assert measure.looks == ENOUGH
    for _ in range(10 * LOOK_EVERY):
        assert keeper(FRAME).red_cell_px == 30
    assert measure.looks == ENOUGH + 10


@given(st.lists(st.floats(28.0, 28.0 * AGREEMENT), min_size=1, max_size=60))
def test_once_settled_fields_of_one_objective_have_one_scale(diameters):
    keeper = ScaleKeeper(measure=Measure(*diameters))
    scales = [keeper(FRAME).red_cell_px for _ in range(4 * REMEMBERED)]
    assert min(diameters) <= min(scales) and max(scales) <= max(diameters)
    settled = scales[ENOUGH:]
    assert max(settled) <= AGREEMENT * min(settled) + 1e-9


def test_while_they_do_not_agree_each_field_has_its_own():
    keeper = ScaleKeeper(measure=Measure(20.0, 30.0, 20.0, 30.0, 20.0, 30.0, 20.0))
    assert [keeper(FRAME).red_cell_px for _ in range(6)] == [20, 30, 20, 30, 20, 30]


def test_a_changed_objective_is_noticed_at_the_next_look():
    measure = Measure(*[30.0] * (ENOUGH + 1), 60.0)
    keeper = ScaleKeeper(measure=measure)
    got = [keeper(FRAME).red_cell_px for _ in range(4 * LOOK_EVERY)]
    changed = got.index(60.0)
    assert changed < 2 * LOOK_EVERY + ENOUGH
    assert set(got[:changed]) == {30.0} and set(got[changed:]) == {60.0}


def test_after_a_changed_objective_the_old_one_is_forgotten():
    keeper = ScaleKeeper(measure=Measure(*[30.0] * (ENOUGH + 1), 60.0, None))
    got = [keeper(FRAME).red_cell_px for _ in range(4 * LOOK_EVERY)]
    assert set(got[got.index(60.0) :]) == {60.0}, "fields without red cells have the new one's"


def test_another_size_of_frames_begins_anew():
    measure = Measure(*[30.0] * ENOUGH, None)
    keeper = ScaleKeeper(measure=measure)
    for _ in range(ENOUGH):
        keeper(FRAME)
    assert keeper(WIDE) == FieldScale(), "the other camera's pixels say nothing of these"
    assert measure.looks == ENOUGH + 1
    assert keeper(FRAME) == FieldScale()


def test_a_given_scale_wins_and_is_checked_by_the_red_cells():
    keeper = ScaleKeeper(0.25, Measure(31.0))
    assert keeper(FRAME) == FieldScale(0.25, "given", 31.0)
    assert ScaleKeeper(0.25, Measure(None))(FRAME) == FieldScale(0.25, "given", None)


@pytest.mark.parametrize(
    ("ratio", "off"),
    [(1, False), (1.24, False), (1.26, True), (2, True), (1 / 1.24, False), (1 / 1.26, True)],
)
def test_a_given_scale_is_off_where_the_red_cells_contradict_it_by_more_than_a_quarter(ratio, off):
    keeper = ScaleKeeper(0.25 * ratio, Measure(RED_CELL_UM / 0.25))
    assert is_off(keeper(FRAME)) is off


def test_what_is_not_given_or_not_measured_is_never_off():
    assert not is_off(FieldScale())
    assert not is_off(FieldScale(9.0, "red_cells", 30.0))
    assert not is_off(FieldScale(9.0, "given", None))
