"""How well the maps of the images agree, as a histogram."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.axis import Axis, floor_of, label
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    INK,
    RULE,
    box,
    drawing,
    line,
    text,
)
from leukoscope.runtime.report.markup import Markup
from leukoscope.runtime.report.numbers import fraction

WIDTH, LEFT, RIGHT, TOP, HIGH, FOOT = 860, 46, 14, 26, 100, 34
BINS = 40


def histogram(
    title: str,
    values: Sequence[float],
    series: int,
    *,
    low: float,
    middle: float | None,
    floor: float | None,
) -> Markup:
    """Counts of `values` from `low` to 1 in 40 bins, with their median and the budget's floor where there is one.

    Values under `low` are counted in the first bin.
    """
    axis = Axis(low, 1.0, LEFT, WIDTH - RIGHT)
    counts = binned(values, low)
    most = max(counts, default=0) or 1
    up = Axis(0, most, TOP + HIGH, TOP)
    shapes = [*_ticks(axis, up, most), *_bars(axis, up, counts, series)]
    if floor is not None and floor >= low:
        shapes += _upright(axis, floor, f"budget {label(floor)}", FAINT, 0)
    if middle is not None:
        shapes += _upright(axis, middle, f"median {fraction(middle, 3)}", INK, 1)
    return drawing(WIDTH, TOP + HIGH + FOOT, title, *shapes)


def binned(values: Sequence[float], low: float) -> list[int]:
    """How many values each of the bins between `low` and 1 holds; each is closed above."""
    counts = [0] * BINS
    for value in values:
        place = int((value - low) / (1 - low) * BINS - 1e-9)
        counts[min(max(place, 0), BINS - 1)] += 1
    return counts


def begin_of(values: Sequence[float]) -> float:
    """Where the axis of agreements begins, for histograms that are to be compared."""
    return floor_of(values, least=-1.0)


def _bars(axis: Axis, up: Axis, counts: Sequence[int], series: int) -> list[Markup]:
    wide = (axis.end - axis.start) / BINS
    return [
        box(
            (axis.start + i * wide + 0.5, up.at(n)),
            (wide - 1, up.at(0) - up.at(n)),
            fill=COLOURS[series % len(COLOURS)],
        )
        for i, n in enumerate(counts)
        if n
    ]


def _ticks(axis: Axis, up: Axis, most: int) -> list[Markup]:
    base = TOP + HIGH
    shapes = [line((LEFT, base), (WIDTH - RIGHT, base), stroke=RULE)]
    for tick in axis.ticks():
        at = (axis.at(tick), base + 15)
        shapes.append(text(at, label(tick), anchor="middle", size=11, fill=FAINT))
    shapes.append(text((LEFT - 6, up.at(most) + 4), str(most), anchor="end", size=11, fill=FAINT))
    shapes.append(text((LEFT - 6, base), "0", anchor="end", size=11, fill=FAINT))
    words = "rank agreement with the float map"
    shapes.append(
        text(((LEFT + WIDTH - RIGHT) / 2, base + 30), words, anchor="middle", size=11, fill=FAINT)
    )
    return shapes


def _upright(axis: Axis, value: float, words: str, stroke: str, row: int) -> list[Markup]:
    """A line at a value with its words, set to the side that has room."""
    x = axis.at(value)
    anchor = "end" if x > (axis.start + axis.end) / 2 else "start"
    beside = -5 if anchor == "end" else 5
    top = 9 + 13 * row
    return [
        line((x, top - 8), (x, TOP + HIGH), stroke=stroke, dashes="3 3" if row == 0 else ""),
        text((x + beside, top), words, anchor=anchor, size=11, fill=stroke, halo=True),
    ]
