"""A reliability diagram: how often the vote is right, by the probability that it was given."""

from collections.abc import Sequence

from leukoscope.runtime.metrics.intervals import wilson
from leukoscope.runtime.report.charts.axis import Axis, label
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    RULE,
    box,
    drawing,
    line,
    mark,
    text,
)
from leukoscope.runtime.report.contents import ReliabilityBin
from leukoscope.runtime.report.markup import Markup

SIDE, LEFT, TOP, BELOW, FOOT = 178, 40, 8, 40, 34
FULL, LEAST = 7.0, 2.0
"""Radius of the mark of a bin that holds all images (the area is the bin's share), and the least, px."""
SMALL = 10.5


def reliability(title: str, bins: Sequence[ReliabilityBin], series: int) -> Markup:
    """Marks with Wilson's intervals by bin on the square 0 to 1, and how many images each bin holds below."""
    across = Axis(0, 1, LEFT, LEFT + SIDE)
    up = Axis(0, 1, TOP + SIDE, TOP)
    shapes = [*_frame(across, up), *_points(across, up, bins, series)]
    shapes += _counts(across, bins, series)
    return drawing(LEFT + SIDE + 10, TOP + SIDE + BELOW + FOOT, title, *shapes)


def _frame(across: Axis, up: Axis) -> list[Markup]:
    base, middle = TOP + SIDE + BELOW, LEFT + SIDE / 2
    shapes = [box((LEFT, TOP), (SIDE, SIDE), fill="none", stroke=RULE)]
    for tick in (0.0, 0.5, 1.0):
        words = label(tick)
        side = (LEFT - 5, up.at(tick) + 4)
        shapes.append(text(side, words, anchor="end", size=SMALL, fill=FAINT))
        foot = (across.at(tick), base + 14)
        shapes.append(text(foot, words, anchor="middle", size=SMALL, fill=FAINT))
    diagonal = (across.at(0), up.at(0)), (across.at(1), up.at(1))
    shapes.append(line(*diagonal, stroke=FAINT, dashes="4 3"))
    below = (middle, base + 28)
    shapes.append(text(below, "probability given", anchor="middle", size=SMALL, fill=FAINT))
    beside = (11, TOP + SIDE / 2)
    shapes.append(text(beside, "share right", anchor="middle", size=SMALL, fill=FAINT, turned=True))
    return shapes


def _points(across: Axis, up: Axis, bins: Sequence[ReliabilityBin], series: int) -> list[Markup]:
    """The intervals first, so that no line crosses a mark."""
    known = [(b.probability, b.accuracy, b.n) for b in bins if b.n]
    places = [(across.at(p), a, n) for p, a, n in known if p is not None and a is not None]
    total = sum(n for _, _, n in places)
    colour = COLOURS[series % len(COLOURS)]
    lines = []
    for x, accuracy, n in places:
        ends = wilson(round(accuracy * n), n)
        if ends is not None:
            lines.append(line((x, up.at(ends.low)), (x, up.at(ends.high)), stroke=colour))
    marks = [
        mark((x, up.at(accuracy)), series, max(LEAST, FULL * (n / total) ** 0.5))
        for x, accuracy, n in places
    ]
    return [*lines, *marks]


def _counts(across: Axis, bins: Sequence[ReliabilityBin], series: int) -> list[Markup]:
    most = max((one.n for one in bins), default=0)
    base = TOP + SIDE + BELOW
    shapes = [line((LEFT, base), (LEFT + SIDE, base))]
    for one in bins:
        if one.n:
            high = (BELOW - 8) * one.n / most
            wide = across.at(one.high) - across.at(one.low) - 1
            corner = (across.at(one.low) + 0.5, base - high)
            fill = COLOURS[series % len(COLOURS)]
            shapes.append(box(corner, (wide, high), fill=fill, opacity=0.6))
    return shapes
