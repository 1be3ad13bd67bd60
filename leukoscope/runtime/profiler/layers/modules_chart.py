"""The modules by their time, each against its floor."""

from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.roofline import ModuleTime
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    INK,
    PAPER,
    box,
    drawing,
    line,
    text,
)
from leukoscope.runtime.report.markup import Markup, short
from leukoscope.runtime.report.numbers import milliseconds

WIDTH, LEFT, NUMBERS, ROW, HEAD, FOOT = 860, 190, 170, 19, 34, 6
TIME, FLOOR = 3, 1
"""Their colours."""
UNMAPPED = "not mapped"


def modules_chart(study: LayerStudy) -> Markup:
    """A row a module, the slowest first: its time as a bar, its floor inside, and how many times that is."""
    rows = [*study.modules, *_unmapped(study)]
    title = f"Modules of {study.network} {study.precision} on {study.backend}, time against floor"
    if not rows:
        return drawing(WIDTH, 40, title, text((0, 20), "no layer was measured", fill=FAINT))
    most = max(row.ms for row in rows) or 1.0
    shapes = [*_legend(), line((0, HEAD - 12), (WIDTH, HEAD - 12))]
    for index, row in enumerate(rows):
        shapes += _row(row, HEAD + ROW * index, most)
    return drawing(WIDTH, HEAD + ROW * len(rows) + FOOT, title, *shapes)


def _row(row: ModuleTime, y: float, most_ms: float) -> list[Markup]:
    wide = (WIDTH - LEFT - NUMBERS) / most_ms
    lost = row.name == UNMAPPED
    stroke, fill = (INK, PAPER) if lost else (COLOURS[FLOOR], COLOURS[TIME])
    shapes = [
        text((LEFT - 10, y + 4), short(row.name, 28), anchor="end", size=11.5),
        box((LEFT, y - 6), (max(row.ms * wide, 0.5), 12), fill=fill, stroke=stroke),
    ]
    if row.floor_ms is not None:
        floor = min(row.floor_ms, most_ms) * wide
        shapes.append(box((LEFT, y - 6), (max(floor, 0.5), 12), fill=COLOURS[FLOOR]))
    times = "" if row.distance is None else f", {row.distance:.1f} times the floor"
    words = f"{milliseconds(row.ms)}{times}"
    shapes.append(text((LEFT + row.ms * wide + 7, y + 4), words, size=10.5, fill=FAINT, halo=True))
    return shapes


def _unmapped(study: LayerStudy) -> list[ModuleTime]:
    lost = [one for one in study.layers if one.module is None]
    ms = sum(one.ms for one in lost)
    share = study.unmapped_share or 0.0
    return [ModuleTime(UNMAPPED, len(lost), ms, share, 0, 0, None)] if lost else []


def _legend() -> list[Markup]:
    return [
        box((LEFT, 4), (12, 10), fill=COLOURS[FLOOR]),
        text((LEFT + 18, 13), "floor", size=11),
        box((LEFT + 70, 4), (12, 10), fill=COLOURS[TIME], stroke=COLOURS[FLOOR]),
        text((LEFT + 88, 13), "time", size=11),
    ]
