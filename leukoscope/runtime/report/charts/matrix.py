"""A confusion matrix: counts, shaded by their share of the row."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.svg import FAINT, INK, PAPER, RULE, box, drawing, text
from leukoscope.runtime.report.contents import Confusion
from leukoscope.runtime.report.markup import Markup, short

CELL, HEIGHT, FOOT = 36, 25, 4
LETTER = 6.2
"""Usual width of a letter of a name, px."""
LONGEST = 20
SHADE = "#0072b2"
MISS = "#d55e00"


def matrix(title: str, confusion: Confusion, kept: Sequence[int]) -> Markup:
    """Labels down, votes across; what is right lies on the diagonal and is blue, what is wrong is orange.

    `kept`: the labels that have a column, by index; those without an image have no row.
    """
    names = {i: short(confusion.labels[i], LONGEST) for i in kept}
    rows = [i for i in kept if sum(confusion.counts[i])]
    room = 14 + LETTER * max((len(name) for name in names.values()), default=0)
    left, head = max(room, 90), room
    shapes = [
        text((left - 8, head - 8), "label \u2193 vote \u2192", anchor="end", fill=FAINT, size=10)
    ]
    for column, k in enumerate(kept):
        at = (left + CELL * (column + 0.5) + 4, head - 8)
        shapes.append(text(at, names[k], size=11, turned=True))
    for number, i in enumerate(rows):
        top = head + HEIGHT * number
        shapes.append(text((left - 8, top + HEIGHT / 2 + 4), names[i], anchor="end", size=11))
        total = sum(confusion.counts[i])
        for column, k in enumerate(kept):
            corner = (left + CELL * column, top)
            shapes += _cell(corner, confusion.counts[i][k], total, right=i == k)
    size = (left + CELL * len(kept) + 2, head + HEIGHT * len(rows) + FOOT)
    return drawing(*size, title, *shapes)


def named(confusions: Sequence[Confusion]) -> tuple[int, ...]:
    """Indices of the labels that any image has, or any vote names, in any of the matrices of the same labels."""
    tables = [one.counts for one in confusions]
    labels = range(len(confusions[0].labels)) if confusions else range(0)
    return tuple(i for i in labels if any(_is_named(table, i) for table in tables))


def _cell(corner: tuple[float, float], count: int, total: int, *, right: bool) -> list[Markup]:
    share = count / total
    opacity = 0.15 + 0.7 * share if count else 0.0
    shade = SHADE if right else MISS
    middle = (corner[0] + CELL / 2, corner[1] + HEIGHT / 2 + 4)
    fill = PAPER if opacity > 0.6 else INK if count else RULE
    return [
        box(corner, (CELL, HEIGHT), fill=shade, stroke=RULE, opacity=opacity),
        text(middle, str(count), anchor="middle", size=11, fill=fill, bold=right and count > 0),
    ]


def _is_named(counts: Sequence[Sequence[int]], index: int) -> bool:
    return bool(sum(counts[index]) or sum(row[index] for row in counts))
