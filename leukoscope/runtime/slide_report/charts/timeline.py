"""One session as a strip over time."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.axis import Axis, label
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
from leukoscope.runtime.slide_report.strips import Span, Strip

WIDTH, LEFT, RIGHT, TOP, HIGH, FOOT = 860, 78, 12, 12, 44, 30
BINS = 160
OFFLINE, PAUSED, REST = "#8c1515", "#5f6671", "#dfe3e8"
LEAST_PX = 1.5
"""Of a span, so that a short one is seen."""
TICKS = 400
"""Events and stops that are drawn at most; more would be a black bar anyway."""


def timeline(strip: Strip) -> Markup:
    """Bars of fields by time, spans behind them, events above, stops without a field below."""
    seconds = max(strip.seconds, 1.0)
    unit, name = _unit(seconds)
    across = Axis(0.0, seconds / unit, LEFT, WIDTH - RIGHT)
    base = TOP + HIGH
    shapes: list[Markup] = []
    for spans, fill, opacity in (
        (strip.rests, REST, 0.6),
        (strip.paused, PAUSED, 0.35),
        (strip.offline, OFFLINE, 0.45),
    ):
        shapes += _grounds(spans, across, unit, fill, opacity)
    shapes += _bars(strip, seconds, across)
    for event in strip.events[:TICKS]:
        x = across.at(event.at_s / unit)
        shapes.append(line((x, TOP - 9), (x, TOP - 2), stroke=INK))
    for at in strip.stops_s[:TICKS]:
        x = across.at(at / unit)
        shapes.append(line((x, base + 2), (x, base + 7), stroke=FAINT))
    shapes.append(line((LEFT, base), (WIDTH - RIGHT, base), stroke=FAINT))
    for tick in across.ticks(8):
        at_tick = (across.at(tick), base + 20)
        shapes.append(text(at_tick, label(tick), anchor="middle", size=10.5, fill=FAINT))
    shapes.append(text((0, base - HIGH / 2 + 4), f"session {strip.session}", size=11))
    shapes.append(text((0, base + 20), name, size=10.5, fill=FAINT))
    title = f"Session {strip.session}: {len(strip.fields_s)} fields without a flag, {len(strip.flagged_s)} flagged"
    return drawing(WIDTH, base + FOOT, title, *shapes)


def _unit(seconds: float) -> tuple[float, str]:
    if seconds < 180:
        return 1.0, "seconds"
    return (60.0, "minutes") if seconds < 3 * 3600 else (3600.0, "hours")


def _grounds(
    spans: Sequence[Span], across: Axis, unit: float, fill: str, opacity: float
) -> list[Markup]:
    shapes = []
    for start, stop in spans:
        x = across.at(start / unit)
        wide = max(across.at(stop / unit) - x, LEAST_PX)
        shapes.append(box((x, TOP), (wide, HIGH), fill=fill, opacity=opacity))
    return shapes


def _bars(strip: Strip, seconds: float, across: Axis) -> list[Markup]:
    plain, flagged = _binned(strip.fields_s, seconds), _binned(strip.flagged_s, seconds)
    most = max((a + b for a, b in zip(plain, flagged, strict=True)), default=0) or 1
    up = Axis(0, most, TOP + HIGH, TOP + 2)
    wide = (across.end - across.start) / BINS
    shapes = [
        text((LEFT - 6, TOP + 8), str(most), anchor="end", size=10, fill=FAINT),
        text((LEFT - 6, TOP + HIGH), "0", anchor="end", size=10, fill=FAINT),
        line((LEFT, TOP), (LEFT, TOP + HIGH), stroke=RULE),
    ]
    for i, (low, high) in enumerate(zip(plain, flagged, strict=True)):
        x = across.start + i * wide
        for start, n, fill in ((0, low, COLOURS[1]), (low, high, COLOURS[0])):
            if n:
                top, foot = up.at(start + n), up.at(start)
                shapes.append(box((x, top), (max(wide - 0.7, 0.7), foot - top), fill=fill))
    return shapes


def _binned(moments: Sequence[float], seconds: float) -> list[int]:
    counts = [0] * BINS
    for at in moments:
        counts[min(int(at / seconds * BINS), BINS - 1)] += 1
    return counts
