import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.report.charts.axis import Axis, floor_of, label


def test_values_lie_between_the_ends_and_beyond_at_them():
    axis = Axis(0.8, 1.0, 100, 300)
    assert [round(axis.at(v)) for v in (0.8, 0.9, 1.0, 0.2, 2.0)] == [100, 200, 300, 100, 300]


@given(st.sampled_from([-1.0, -0.5, 0.0, 0.2, 0.6, 0.8, 0.9, 0.95]))
def test_ticks_are_round_and_on_the_axis(low):
    ticks = Axis(low, 1.0, 0, 100).ticks()
    assert 3 <= len(ticks) <= 12 and ticks[-1] == 1.0
    assert all(low - 1e-9 <= tick <= 1 for tick in ticks)
    assert all(len(label(tick)) <= 5 for tick in ticks)


@pytest.mark.parametrize(
    ("values", "least", "begin"),
    [([], 0, 0.95), ([0.99], 0, 0.95), ([0.91], 0, 0.9), ([0.9], 0, 0.8), ([0.0], 0, 0.0),
     ([-0.2], -1, -0.5), ([-0.9], -1, -1), ([0.1], -1, 0.0)],
)  # fmt: skip
def test_an_axis_begins_under_all_values(values, least, begin):
    assert floor_of(values, least) == begin


def test_labels_have_no_noughts_at_the_end():
    assert [label(v) for v in (0.0, 0.5, 0.95, 1.0, -0.5)] == ["0", "0.5", "0.95", "1", "\u22120.5"]
