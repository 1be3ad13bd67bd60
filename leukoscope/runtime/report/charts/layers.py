"""The layers that suffer most when they alone are quantized."""

from collections.abc import Sequence

from leukoscope.runtime.report.calibration import Layer
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
from leukoscope.runtime.report.numbers import small

WIDTH, LEFT, GAP, ROW, HEAD, FOOT = 860, 330, 26, 17, 38, 6
NUMBER = 52
"""Room for a bar's figure behind it."""
OUTPUT, MAP = 1, 3
"""Their colours."""


def layers(title: str, worst: Sequence[Layer]) -> Markup:
    """Two bars a layer, error at the outputs and at the maps; a layer that stays in float has an open bar and a ring."""
    height = HEAD + ROW * len(worst) + FOOT
    wide = (WIDTH - LEFT - GAP) / 2
    shapes = [
        text((LEFT, 14), "error at the outputs", size=11, fill=FAINT),
        text((LEFT + wide + GAP, 14), "error at the maps", size=11, fill=FAINT),
        text((0, 14), "layer (\u25cb kept in float)", size=11, fill=FAINT),
        line((0, HEAD - 14), (WIDTH, HEAD - 14)),
    ]
    most_output = max((one.output_error for one in worst), default=0.0)
    most_map = max((one.cam_error or 0.0 for one in worst), default=0.0)
    for index, one in enumerate(worst):
        y = HEAD + ROW * index
        ring = "\u25cb" if one.returned else ""
        shapes.append(text((0, y + 4), ring, size=11))
        shapes.append(text((14, y + 4), short(one.name, 58), size=11))
        shapes += _bar((LEFT, y), wide, one.output_error, most_output, OUTPUT, one.returned)
        if one.cam_error is not None:
            corner = (LEFT + wide + GAP, y)
            shapes += _bar(corner, wide, one.cam_error, most_map, MAP, one.returned)
    return drawing(WIDTH, height, title, *shapes)


def _bar(
    corner: tuple[float, float], room: float, value: float, most: float, colour: int, open_: bool
) -> list[Markup]:
    x, y = corner
    length = (room - NUMBER) * value / most if most > 0 else 0.0
    fill = PAPER if open_ else COLOURS[colour]
    bar = box((x, y - 5), (max(length, 0.5), 10), fill=fill, stroke=INK if open_ else COLOURS[1])
    return [bar, text((x + length + 6, y + 4), small(value), size=10.5, fill=FAINT)]
