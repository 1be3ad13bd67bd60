"""How long calls take: a histogram, and over it the share of calls that took no longer."""

from collections.abc import Sequence

from leukoscope.runtime.profiler.percentiles import Distribution
from leukoscope.runtime.report.charts.axis import Axis, label
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    INK,
    box,
    drawing,
    line,
    text,
    trace,
)
from leukoscope.runtime.report.markup import Markup
from leukoscope.runtime.report.numbers import milliseconds

WIDTH, LEFT, RIGHT, TOP, HIGH, FOOT = 860, 46, 46, 62, 150, 36
BINS = 60
BEYOND, SHOWN = 3.0, 0.98
"""What takes longer than so many times the median, and than this share of all, is counted in the last bin, so that the
rest can be seen."""
SMALL, ROW = 11, 14


def distribution_chart(title: str, taken_ms: Sequence[float], found: Distribution) -> Markup:
    """Bars are counts, the line is the cumulative share; uprights stand at the percentiles that are known."""
    low, high = limits(taken_ms)
    across, up = Axis(low, high, LEFT, WIDTH - RIGHT), Axis(0, 1, TOP + HIGH, TOP)
    counts = binned(taken_ms, low, high)
    beyond = sum(one > high for one in taken_ms)
    shapes = [
        *_frame(across, up, max(counts)),
        *_bars(across, counts),
        trace(_steps(across, up, sorted(taken_ms)), stroke=INK),
        *_percentiles(across, found),
    ]
    if beyond:
        words = f"{beyond} longer than {milliseconds(high)}, in the last bar"
        at = (WIDTH - RIGHT, TOP + HIGH + 31)
        shapes.append(text(at, words, anchor="end", size=SMALL, fill=FAINT))
    return drawing(WIDTH, TOP + HIGH + FOOT, title, *shapes)


def limits(taken_ms: Sequence[float]) -> tuple[float, float]:
    """Where the axis begins and ends: never equal."""
    ordered = sorted(taken_ms)
    low, high = ordered[0], ordered[-1]
    n = len(ordered)
    high = min(high, max(BEYOND * ordered[n // 2], ordered[min(n - 1, int(SHOWN * n))]))
    return low, high if high > low else low + max(abs(low), 1e-3) * 1e-3


def binned(taken_ms: Sequence[float], low: float, high: float) -> list[int]:
    """How many calls each of BINS bins holds; what lies outside is in the first or the last."""
    counts = [0] * BINS
    for one in taken_ms:
        place = int((one - low) / (high - low) * BINS)
        counts[min(max(place, 0), BINS - 1)] += 1
    return counts


def _frame(across: Axis, up: Axis, most: int) -> list[Markup]:
    base = TOP + HIGH
    shapes = [line((LEFT, base), (WIDTH - RIGHT, base))]
    for share in (0.0, 0.5, 1.0):
        y = up.at(share)
        shapes.append(line((LEFT, y), (WIDTH - RIGHT, y)))
        side = (WIDTH - RIGHT + 6, y + 4)
        shapes.append(text(side, f"{share:.0%}", size=SMALL, fill=FAINT))
    for tick in across.ticks(8):
        at = (across.at(tick), base + 15)
        shapes.append(text(at, label(tick), anchor="middle", size=SMALL, fill=FAINT))
    middle = (LEFT + WIDTH - RIGHT) / 2
    shapes.append(
        text((middle, base + 31), "milliseconds a call", anchor="middle", size=SMALL, fill=FAINT)
    )
    shapes.append(text((LEFT - 6, TOP + 4), str(most), anchor="end", size=SMALL, fill=FAINT))
    shapes.append(text((LEFT - 6, base), "0", anchor="end", size=SMALL, fill=FAINT))
    return shapes


def _bars(across: Axis, counts: Sequence[int]) -> list[Markup]:
    wide, most = (across.end - across.start) / BINS, max(counts)
    return [
        box(
            (across.start + i * wide + 0.5, TOP + HIGH * (1 - n / most)),
            (wide - 1, HIGH * n / most),
            fill=COLOURS[3],
        )
        for i, n in enumerate(counts)
        if n
    ]


def _steps(across: Axis, up: Axis, ordered: Sequence[float]) -> list[tuple[float, float]]:
    """The cumulative share, at most some hundreds of points of it."""
    n = len(ordered)
    stride = max(1, n // 400)
    places = sorted({*range(0, n, stride), n - 1})
    points = [(across.at(ordered[i]), up.at((i + 1) / n)) for i in places]
    return [(across.at(ordered[0]), up.at(0)), *points]


def _percentiles(across: Axis, found: Distribution) -> list[Markup]:
    """Each name in a row of its own, so that neighbours do not lie on each other."""
    known = [("p50", found.p50), ("p90", found.p90), ("p95", found.p95), ("p99", found.p99)]
    shapes = []
    for number, (name, value) in enumerate(known):
        if value is None:
            continue
        x, y = across.at(value), 10 + ROW * number
        shapes.append(line((x, y + 4), (x, TOP + HIGH), stroke=FAINT, dashes="3 3"))
        right = x > (across.start + across.end) / 2
        at, anchor = (x - 4 if right else x + 4, y), "end" if right else "start"
        words = f"{name} {milliseconds(value)}"
        shapes.append(text(at, words, anchor=anchor, size=SMALL, fill=INK, halo=True))
    return shapes
