"""Figures of several variants side by side: a mark each, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.report.charts.axis import Axis, floor_of, label
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    RULE,
    drawing,
    line,
    mark,
    text,
)
from leukoscope.runtime.report.markup import Markup, short

WIDTH, LEFT, RIGHT = 860, 170, 14
LINE, PAD, FOOT, HEAD = 15, 13, 26, 24


@dataclass(frozen=True)
class Series:
    """A variant's values by row; None is left out."""

    name: str
    values: tuple[float | None, ...]
    intervals: tuple[Interval | None, ...]


def dots(title: str, rows: Sequence[str], series: Sequence[Series]) -> Markup:
    """A row a class, a line a variant: the value and its 95 % interval, on an axis that ends at 1."""
    height = HEAD + len(rows) * (LINE * len(series) + PAD) + FOOT
    axis = Axis(floor_of(_all_values(series)), 1.0, LEFT, WIDTH - RIGHT)
    shapes = [*_legend(series), *_grid(axis, height)]
    for index, name in enumerate(rows):
        top = HEAD + index * (LINE * len(series) + PAD)
        middle = top + (LINE * len(series) + PAD) / 2
        shapes.append(text((LEFT - 12, middle + 4), short(name, 26), anchor="end"))
        shapes.append(line((0, top), (WIDTH - RIGHT, top)))
        for number, one in enumerate(series):
            y = top + PAD / 2 + LINE * (number + 0.5)
            shapes += _value(axis, y, number, one.values[index], one.intervals[index])
    return drawing(WIDTH, height, title, *shapes)


def _value(
    axis: Axis, y: float, number: int, value: float | None, interval: Interval | None
) -> list[Markup]:
    if value is None:
        return []
    colour = COLOURS[number % len(COLOURS)]
    whisker = (
        [line((axis.at(interval.low), y), (axis.at(interval.high), y), stroke=colour, width=2)]
        if interval is not None
        else []
    )
    return [*whisker, mark((axis.at(value), y), number)]


def _grid(axis: Axis, height: float) -> list[Markup]:
    bottom = height - FOOT
    shapes = []
    for tick in axis.ticks():
        x = axis.at(tick)
        shapes.append(line((x, HEAD), (x, bottom), stroke=RULE))
        shapes.append(text((x, bottom + 16), label(tick), anchor="middle", fill=FAINT, size=11))
    return shapes


def _legend(series: Sequence[Series]) -> list[Markup]:
    shapes: list[Markup] = []
    x = float(LEFT)
    for number, one in enumerate(series):
        shapes += [mark((x + 5, 9), number), text((x + 15, 13), one.name, size=11)]
        x += 34 + 5.8 * len(one.name)
    return shapes


def _all_values(series: Sequence[Series]) -> list[float]:
    values = [value for one in series for value in one.values if value is not None]
    return values + [one.low for each in series for one in each.intervals if one is not None]
