"""Each chart: what is drawn follows from the numbers."""

import itertools
import re

import pytest
import study_made as made
from parsed import Page

from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.report.charts.dots import Series, dots
from leukoscope.runtime.report.charts.histogram import BINS, begin_of, binned, histogram
from leukoscope.runtime.report.charts.layers import layers
from leukoscope.runtime.report.charts.matrix import matrix, named
from leukoscope.runtime.report.charts.reliability import reliability
from leukoscope.runtime.report.charts.svg import COLOURS, mark
from leukoscope.runtime.report.contents import Confusion, ReliabilityBin

SERIES = [
    Series("FP32", (0.9, None, 1.0), (Interval(0.8, 0.95), None, None)),
    Series("INT8", (0.85, 0.4, 1.0), (None, Interval(0.3, 0.5), None)),
]


def test_dots_has_a_mark_for_every_value_that_there_is():
    read = Page(dots("Recall", ["a", "b", "<c>"], SERIES))
    discs, squares = read.all("circle"), list(read.all("rect"))
    assert len(discs) == 2 + 1 and len(squares) == 3 + 1, "values, and one in the legend"
    thick = [one for one in read.all("line") if one.get("stroke-width") == "2"]
    assert len(thick) == 2 and "<c>" in read.text and "INT8" in read.text


def test_dots_lie_on_one_axis():
    read = Page(dots("Recall", ["a", "b", "c"], SERIES))
    xs = [float(one["cx"]) for one in read.all("circle")][1:]
    assert xs[0] < xs[1] == 846, "0.9 before 1, which is the axis's end"


def test_marks_differ_in_shape_and_in_colour():
    marks = [mark((0, 0), i) for i in range(4)]
    assert len({re.sub(r'fill="[^"]*"', "", one) for one in marks}) == 4
    assert len({re.search(r'fill="([^"]*)"', one)[1] for one in marks}) == 4


def test_colours_differ_in_lightness():
    light = sorted(
        0.3 * int(c[1:3], 16) + 0.59 * int(c[3:5], 16) + 0.11 * int(c[5:], 16) for c in COLOURS
    )
    assert min(b - a for a, b in itertools.pairwise(light)) > 40


CONFUSION = Confusion(
    ("a", "b", "c", "d"), ((7, 1, 0, 0), (0, 0, 0, 0), (0, 0, 4, 0), (0, 0, 0, 0))
)


def test_a_matrix_leaves_out_what_nobody_names():
    kept = named([CONFUSION])
    assert kept == (0, 1, 2), "b is voted, d is not"
    read = Page(matrix("Confusion", CONFUSION, kept))
    assert read.count("rect") == 2 * 3, "b has no image, so no row"
    assert " ".join(read.text.split()[-8:]) == "a 7 1 0 c 0 0 4"


def test_matrices_of_one_network_share_their_columns():
    other = Confusion(CONFUSION.labels, ((0, 0, 0, 8), *((0, 0, 0, 0),) * 3))
    assert named([CONFUSION, other]) == (0, 1, 2, 3) and named([]) == ()


def test_what_is_wrong_has_another_colour_than_what_is_right():
    read = Page(matrix("Confusion", CONFUSION, (0, 1, 2)))
    fills = [one["fill"] for one in read.all("rect")]
    assert fills[0] == fills[5] != fills[1]


def test_an_empty_matrix_is_drawn():
    nothing = Confusion(("a",), ((0,),))
    assert Page(matrix("Confusion", nothing, named([nothing]))).count("rect") == 0


def a_bin(low, n, accuracy):
    return ReliabilityBin(low, low + 0.1, n, low + 0.05 if n else None, accuracy)


def test_reliability_has_a_mark_an_interval_and_a_bar_for_each_bin_with_images():
    bins = [a_bin(0.1, 0, None), a_bin(0.5, 3, 2 / 3), a_bin(0.9, 30, 1.0)]
    read = Page(reliability("Reliability", bins, 0))
    assert read.count("circle") == 2 and read.count("rect") == 1 + 2
    few, many = (float(one["r"]) for one in read.all("circle"))
    assert few < many
    assert Page(reliability("Reliability", [a_bin(0.1, 0, None)], 0)).count("circle") == 0


def test_values_fall_into_bins_that_are_closed_above():
    counts = binned([1.0, 0.999, 0.2, 0.5], 0.2)
    assert sum(counts) == 4 and counts[-1] == 2 and counts[0] == 1
    assert binned([-3.0], 0.2)[0] == 1 and binned([], 0.2) == [0] * BINS


def test_a_histogram_shows_median_and_budget():
    values = [0.5, 0.9, 0.97, 1.0]
    read = Page(histogram("Maps", values, 1, low=begin_of(values), middle=0.935, floor=0.95))
    assert "median 0.935" in read.text and "budget 0.95" in read.text and read.count("rect") == 4
    bare = Page(histogram("Maps", [], 1, low=0.8, middle=None, floor=0.5))
    assert "median" not in bare.text and "budget" not in bare.text and bare.count("rect") == 0


def test_layers_in_float_are_open_and_ringed():
    worst = made.layers(3)
    page = layers("Layers", worst)
    read = Page(page)
    bars = read.all("rect")
    assert len(bars) == 6 and [b["fill"] == "#ffffff" for b in bars] == [True, True] + [False] * 4
    assert read.text.count("\u25cb") == 1 + 1, "one layer, and the legend"
    widths = [float(b["width"]) for b in bars]
    assert widths[0] > widths[2] > widths[4]


@pytest.mark.parametrize("error", [0.0, 1e-9, 40.0])
def test_layers_of_any_error_are_drawn(error):
    one = made.layers(1)[0]
    assert Page(layers("Layers", [type(one)("x", error, None, 1, False)])).count("rect") == 1
