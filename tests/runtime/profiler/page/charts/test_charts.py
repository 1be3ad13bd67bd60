"""Each chart: what is drawn follows from the numbers."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "report"))
sys.path.insert(0, str(Path(__file__).parents[2]))

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed import Page

from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.page.charts.distribution import (
    BEYOND,
    BINS,
    SHOWN,
    binned,
    distribution_chart,
    limits,
)
from leukoscope.runtime.profiler.page.charts.parts import parts
from leukoscope.runtime.profiler.page.charts.timeline import Strip, strips_of, timeline
from leukoscope.runtime.profiler.percentiles import distribution

TIMES = st.lists(st.floats(0.01, 1e5), min_size=1, max_size=400)


@given(TIMES)
def test_every_call_is_in_one_bar(taken_ms):
    low, high = limits(taken_ms)
    assert low < high
    counts = binned(taken_ms, low, high)
    assert len(counts) == BINS and sum(counts) == len(taken_ms)


@given(TIMES)
def test_a_distribution_is_drawn_whatever_its_numbers(taken_ms):
    read = Page(distribution_chart("<t>", taken_ms, distribution(taken_ms)))
    bars = read.count("rect")
    assert 1 <= bars <= min(BINS, len(taken_ms))


def test_percentiles_stand_where_they_are_known():
    few, many = [float(n) for n in range(1, 31)], [float(n % 30 + 1) for n in range(300)]
    assert "p99" not in Page(distribution_chart("t", few, distribution(few))).text
    read = Page(distribution_chart("t", many, distribution(many)))
    assert all(name in read.text for name in ("p50", "p90", "p95", "p99"))


def test_outliers_are_counted_and_not_hidden():
    taken = [10.0] * 200 + [10 * BEYOND + 1, 500.0]
    read = Page(distribution_chart("t", taken, distribution(taken)))
    assert "2 longer than 30.0\u00a0ms, in the last bar" in " ".join(read.words)


@given(TIMES)
def test_hardly_anything_lies_beyond_the_axis(taken_ms):
    _, high = limits(taken_ms)
    assert sum(one > high for one in taken_ms) <= (1 - SHOWN) * len(taken_ms) + 1


def test_the_cumulative_share_ends_at_all():
    read = Page(distribution_chart("t", [1.0, 2.0, 3.0], distribution([1.0, 2.0, 3.0])))
    steps = next(one["d"] for one in read.all("path"))
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", steps)]
    assert ys[0] == 212 and ys[-1] == 62 and ys == sorted(ys, reverse=True)


@given(TIMES)
def test_a_timeline_has_a_dot_for_every_call(taken_ms):
    at_s = [0.1 * n for n in range(len(taken_ms))]
    read = Page(timeline("t", "a call", at_s, taken_ms))
    assert read.all("path")[0]["d"].count("h0") == len(taken_ms)


def test_every_strip_has_a_scale_of_its_own():
    strips = [Strip("clock", "MHz", ((0, 800.0), (1, 3000.0))), Strip("load", "%", ((0, 5.0), (1, 6.0)))]  # fmt: skip
    read = Page(timeline("t", "a call", [0, 1], [5.0, 6.0], strips))
    for words in ("clock", "3000 MHz", "800 MHz", "100 %", "0 %"):
        assert words in read.text, words


def test_only_what_is_known_has_a_strip():
    readings = [
        Reading(at_tick_ns=n * 10**9, cpu_load_share=0.5, cpu_mhz=(1.0, 2.0), throttled=False)
        for n in range(3)
    ]
    found = {one.name: one for one in strips_of(readings, 10**9)}
    assert set(found) == {"processor load", "fastest core", "throttled"}
    assert found["processor load"].points == ((0, 50.0), (0, 50.0), (1, 50.0))
    assert found["fastest core"].points[0][1] == 2.0
    assert strips_of([], 0) == [] and strips_of(readings[:1], 0) == []


def test_parts_follow_one_another():
    read = Page(parts("t", [("copy_in", 1.0), ("engine", 3.0), ("journal", 0.0)]))
    bars = [one for one in read.all("rect") if one["fill"] != "none"]
    assert float(bars[0]["x"]) + float(bars[0]["width"]) == pytest.approx(float(bars[1]["x"]), abs=0.02)  # fmt: skip
    assert float(bars[1]["width"]) == pytest.approx(3 * float(bars[0]["width"]), abs=0.05)
    assert "copy in" in read.text and "75.0%" in read.text


def test_parts_of_nothing_are_drawn():
    assert Page(parts("t", [("a", 0.0)])).count("rect") == 2
