"""A logarithmic axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.layers.log_axis import LogAxis, short_number, spanning

sizes = st.floats(1e-6, 1e15)


def test_equal_factors_are_equal_steps():
    axis = LogAxis(1, 10_000, 0, 400)
    assert [axis.at(value) for value in (1, 10, 1000, 10_000)] == pytest.approx([0, 100, 300, 400])
    assert axis.at(0.001) == 0 and axis.at(1e9) == pytest.approx(400)
    assert axis.ticks() == (1, 10, 100, 1000, 10_000)


@given(st.lists(sizes, min_size=1, max_size=5), sizes)
def test_an_axis_holds_its_values_and_orders_them(values, other):
    axis = spanning(values, 10, 90)
    assert axis.high >= 99 * axis.low
    assert all(
        axis.low <= value * (1 + 1e-6) and value <= axis.high * (1 + 1e-6) for value in values
    )
    assert (axis.at(min(values)) <= axis.at(max(values))) and 10 <= axis.at(other) <= 90 + 1e-9


@pytest.mark.parametrize(
    ("value", "words"), [(512e9, "512 G"), (1.875e12, "1.88 T"), (0.1, "0.1"), (1000, "1 k")]
)
def test_numbers_in_words(value, words):
    assert short_number(value).replace("\u00a0", " ") == words
