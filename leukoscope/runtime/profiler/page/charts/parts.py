"""A whole in its parts: one bar, cut, and what each part is."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    PAPER,
    RULE,
    box,
    drawing,
    line,
    text,
)
from leukoscope.runtime.report.markup import Markup
from leukoscope.runtime.report.numbers import milliseconds

WIDTH, LEFT, ROW, NUMBER = 860, 120, 20, 130
Part = tuple[str, float]


def parts(title: str, named_ms: Sequence[Part]) -> Markup:
    """A row a part; each begins where the one before it ends, as they do in time."""
    whole = sum(ms for _, ms in named_ms) or 1.0
    room = WIDTH - LEFT - NUMBER
    shapes, begun = [], 0.0
    for number, (name, ms) in enumerate(named_ms):
        y, x = ROW * number, LEFT + room * begun / whole
        wide = max(room * ms / whole, 0.75)
        shapes += [
            line((LEFT, y + ROW), (WIDTH, y + ROW), stroke=RULE),
            text((0, y + 14), name.replace("_", " ")),
            box((x, y + 4), (wide, ROW - 8), fill=COLOURS[1]),
            text((x + wide + 6, y + 14), _words(ms, whole), size=11, fill=FAINT, halo=True),
        ]
        begun += ms
    edge = box((LEFT, 0), (room, ROW * len(named_ms)), fill="none", stroke=PAPER)
    return drawing(WIDTH, ROW * len(named_ms) + 2, title, edge, *shapes)


def _words(ms: float, whole: float) -> str:
    return f"{milliseconds(ms)}, {ms / whole:.1%}"
