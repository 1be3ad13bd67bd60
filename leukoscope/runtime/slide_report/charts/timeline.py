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
    unit, unit_name = _unit(seconds)
    across = Axis(0.0, seconds / unit, LEFT, WIDTH - RIGHT)
    title = f"Session {strip.session}: {len(strip.fields_s)} fields without a flag, {len(strip.flagged_s)} flagged"
    return drawing(
        WIDTH,
        TOP + HIGH + FOOT,
        title,
        *_grounds(strip.rests, across, unit, REST, 0.6),
        *_grounds(strip.paused, across, unit, PAUSED, 0.35),
        *_grounds(strip.offline, across, unit, OFFLINE, 0.45),
        *_bars(strip, seconds, across),
        *_marks([one.at_s for one in strip.events], across, unit, (TOP - 9, TOP - 2), INK),
        *_marks(strip.stops_s, across, unit, (TOP + HIGH + 2, TOP + HIGH + 7), FAINT),
        *_scale(across),
        text((0, TOP + HIGH / 2 + 4), f"session {strip.session}", size=11),
        text((0, TOP + HIGH + 20), unit_name, size=10.5, fill=FAINT),
    )


def _marks(
    moments_s: Sequence[float], across: Axis, unit: float, ends: tuple[float, float], stroke: str
) -> list[Markup]:
    at = [across.at(one / unit) for one in moments_s[:TICKS]]
    return [line((x, ends[0]), (x, ends[1]), stroke=stroke) for x in at]


def _scale(across: Axis) -> list[Markup]:
    base = TOP + HIGH
    return [
        line((LEFT, base), (WIDTH - RIGHT, base), stroke=FAINT),
        *(
            text((across.at(one), base + 20), label(one), anchor="middle", size=10.5, fill=FAINT)
            for one in across.ticks(8)
        ),
    ]


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
