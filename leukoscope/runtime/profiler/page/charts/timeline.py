"""What happened when: each call as a dot, and below it what the monitors read at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.report.charts.axis import Axis, label
from leukoscope.runtime.report.charts.svg import COLOURS, FAINT, INK, drawing, line, text, trace
from leukoscope.runtime.report.markup import Markup, coordinate, element

WIDTH, LEFT, RIGHT, TOP, HIGH, STRIP, GAP, FOOT = 860, 130, 14, 8, 130, 40, 12, 34
SMALL = 11


@dataclass(frozen=True)
class Strip:
    """One quantity over time; `points` are (seconds, value)."""

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]


def timeline(
    title: str, name: str, at_s: Sequence[float], ms: Sequence[float], strips: Sequence[Strip] = ()
) -> Markup:
    """`ms` at the seconds `at_s` from the beginning, at least one; each strip has its own scale."""
    end = max(at_s[-1], *(one.points[-1][0] for one in strips), 1e-3)
    across = Axis(0, end, LEFT, WIDTH - RIGHT)
    most = max(ms)
    up = Axis(0, most if most > 0 else 1, TOP + HIGH, TOP)
    shapes = [*_scale(up, TOP, HIGH, name, "ms"), _dots(across, up, at_s, ms)]
    top = TOP + HIGH + GAP
    for strip in strips:
        shapes += _strip(across, top, strip)
        top += STRIP + GAP
    for tick in across.ticks(8):
        at = (across.at(tick), top + 6)
        shapes.append(text(at, label(tick), anchor="middle", size=SMALL, fill=FAINT))
    middle = (LEFT + WIDTH - RIGHT) / 2
    shapes.append(text((middle, top + 22), "seconds", anchor="middle", size=SMALL, fill=FAINT))
    return drawing(WIDTH, top - GAP + FOOT + 6, title, *shapes)


def strips_of(readings: Sequence[Reading], first_tick_ns: int) -> list[Strip]:
    """Of what the monitors know: loads, clocks, the hottest place, all power; what is never known has no strip."""
    named: list[tuple[str, str, list[float | None]]] = [
        ("processor load", "%", [_percent(one.cpu_load_share) for one in readings]),
        ("ours", "%", [_percent(one.own_cpu_share) for one in readings]),
        ("fastest core", "MHz", [max(one.cpu_mhz, default=None) for one in readings]),
        ("GPU clock", "MHz", [one.gpu_mhz for one in readings]),
        ("GPU load", "%", [_percent(one.gpu_load_share) for one in readings]),
        ("hottest place", "\u00b0C", [max(one.temperatures_c.values(), default=None) for one in readings]),
        ("power, all rails", "W", [sum(one.power_w.values()) if one.power_w else None for one in readings]),
        ("throttled", "", [None if one.throttled is None else float(one.throttled) for one in readings]),
    ]  # fmt: skip
    at_s = [max(0.0, (one.at_tick_ns - first_tick_ns) / 1e9) for one in readings]
    strips = []
    for name, unit, values in named:
        points = tuple((at, v) for at, v in zip(at_s, values, strict=True) if v is not None)
        if len(points) > 1:
            strips.append(Strip(name, unit, points))
    return strips


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _scale(axis: Axis, top: float, high: float, name: str, unit: str) -> list[Markup]:
    """The name on the left, the least and the greatest value at the ends of the axis."""
    shapes = [line((LEFT, y), (WIDTH - RIGHT, y)) for y in (top, top + high)]
    ends = ((axis.high, top + 9), (axis.low, top + high))
    for value, y in ends:
        words = f"{_figures(value)} {unit}".strip()
        shapes.append(text((LEFT - 6, y), words, anchor="end", size=SMALL, fill=FAINT))
    shapes.append(text((0, top + high / 2 + 4), name, size=SMALL, fill=INK))
    return shapes


def _figures(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _strip(across: Axis, top: float, strip: Strip) -> list[Markup]:
    values = [value for _, value in strip.points]
    low, high = (0.0, 100.0) if strip.unit == "%" else (min(values), max(values))
    high = high if high > low else low + max(abs(low) * 0.01, 1.0)
    up = Axis(low, high, top + STRIP, top)
    points = [(across.at(at), up.at(value)) for at, value in strip.points]
    return [*_scale(up, top, STRIP, strip.name, strip.unit), trace(points, stroke=COLOURS[1])]


def _dots(across: Axis, up: Axis, at_s: Sequence[float], ms: Sequence[float]) -> Markup:
    """All in one path: a round dot is a line of no length."""
    places = (
        f"M{coordinate(across.at(at))} {coordinate(up.at(one))}h0"
        for at, one in zip(at_s, ms, strict=True)
    )
    return element(
        "path",
        d="".join(places),
        fill="none",
        stroke=COLOURS[1],
        stroke_width=3,
        stroke_linecap="round",
        stroke_opacity=0.55,
    )
