"""The roofline: each layer's speed over its intensity, under the roofs that this machine sets."""

import math
from collections.abc import Sequence

from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.log_axis import LogAxis, short_number, spanning
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import LayerTime
from leukoscope.runtime.report.charts.svg import (
    COLOURS,
    FAINT,
    INK,
    RULE,
    drawing,
    line,
    text,
)
from leukoscope.runtime.report.markup import Markup, element
from leukoscope.runtime.report.numbers import milliseconds

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 860, 430, 62, 110, 30, 48
FLOAT, BYTE = 1, 2
"""Colours of layers in float32 and of those that multiply bytes."""
LEAST_RADIUS, GREATEST_RADIUS = 2.0, 18.0
MARGIN = 1.2
"""The furthest dots lie so far inside of the frame."""
NAMED = 5
"""How many of the layers that lie furthest above their floor are numbered and named."""
LEAST_SHARE = 0.001
"""Of the layers' time, for a dot."""
ROW = 14


def roofline_chart(study: LayerStudy) -> Markup:
    """Both axes logarithmic; a dot's area is the layer's time. Layers that only move bytes have no place on it."""
    least_ms = study.layers_ms * LEAST_SHARE
    drawn = [one for one in study.layers if _has_place(one) and one.ms > least_ms]
    title = f"Roofline of {study.network} {study.precision} on {study.backend}"
    if not drawn:
        return drawing(WIDTH, 40, title, text((0, 20), "no layer was measured", fill=FAINT))
    roofs = [value for value in (study.peaks.float32_per_s, study.peaks.int8_per_s) if value]
    across = spanning(_with_margin([_intensity(one) for one in drawn]), LEFT, WIDTH - RIGHT)
    up = spanning([*map(_speed, drawn), *roofs], HEIGHT - FOOT, TOP)
    return drawing(
        WIDTH,
        HEIGHT,
        title,
        *_grid(across, up),
        *_roofs(study.peaks, across, up),
        *_dots(drawn, across, up),
        *_names(drawn, across, up),
        *_legend(),
    )


def _grid(across: LogAxis, up: LogAxis) -> list[Markup]:
    shapes = []
    for tick in across.ticks():
        x = across.at(tick)
        shapes.append(line((x, TOP), (x, HEIGHT - FOOT), stroke=RULE))
        under = (x, HEIGHT - FOOT + 16)
        shapes.append(text(under, short_number(tick), anchor="middle", size=11, fill=FAINT))
    for tick in up.ticks():
        y = up.at(tick)
        shapes.append(line((LEFT, y), (WIDTH - RIGHT, y), stroke=RULE))
        shapes.append(
            text((LEFT - 6, y + 4), short_number(tick), anchor="end", size=11, fill=FAINT)
        )
    middle = (across.start + across.end) / 2
    words = "operations a byte"
    shapes.append(text((middle, HEIGHT - 8), words, anchor="middle", size=11, fill=FAINT))
    at = (14, (TOP + HEIGHT - FOOT) / 2)
    shapes.append(
        text(at, "operations a second", anchor="middle", size=11, fill=FAINT, turned=True)
    )
    return shapes


def _roofs(peaks: Peaks, across: LogAxis, up: LogAxis) -> list[Markup]:
    """Level lines for the products, slanted ones for the bytes, each up to the highest level."""
    levels = [(peaks.float32_per_s, "float32"), (peaks.int8_per_s, "int8")]
    slopes = [(peaks.memory_bytes_per_s, "memory", ""), (peaks.cache_bytes_per_s, "cache", "4 3")]
    highest = max((value for value, _ in levels if value), default=up.high)
    shapes = []
    for value, words in levels:
        if value:
            y = up.at(value)
            shapes.append(line((across.start, y), (across.end, y), stroke=INK, width=1.5))
            shapes.append(
                text((across.end + 6, y + 4), f"{words} {short_number(value)}/s", size=11)
            )
    for slope, words, dashes in slopes:
        if slope:
            shapes += _slope(
                slope, f"{words} {short_number(slope)}B/s", dashes, highest, across, up
            )
    return shapes


def _slope(
    bytes_per_s: float, words: str, dashes: str, highest: float, across: LogAxis, up: LogAxis
) -> list[Markup]:
    begin = max(across.low, up.low / bytes_per_s)
    end = min(across.high, highest / bytes_per_s)
    if begin >= end:
        return []
    first = (across.at(begin), up.at(begin * bytes_per_s))
    last = (across.at(end), up.at(end * bytes_per_s))
    at = (first[0] + 8, first[1] - 4)
    return [
        line(first, last, stroke=INK, width=1.5, dashes=dashes),
        text(at, words, size=11, halo=True),
    ]


def _dots(layers: Sequence[LayerTime], across: LogAxis, up: LogAxis) -> list[Markup]:
    """The slow ones first, so that small dots lie upon large ones."""
    slowest = max(one.ms for one in layers)
    return [
        _dot(one, _at(one, across, up), slowest) for one in sorted(layers, key=lambda one: -one.ms)
    ]


def _dot(layer: LayerTime, at: tuple[float, float], slowest_ms: float) -> Markup:
    times = "" if layer.distance is None else f", {layer.distance:.1f} times its floor"
    words = f"{layer.path}, {layer.operator}: {milliseconds(layer.ms)}{times}"
    fill = COLOURS[BYTE if layer.work is not None and layer.work.int8 else FLOAT]
    radius = max(LEAST_RADIUS, GREATEST_RADIUS * math.sqrt(layer.ms / slowest_ms))
    circle = element(
        "circle", cx=at[0], cy=at[1], r=radius, fill=fill, fill_opacity=0.55, stroke=INK, stroke_width=0.5
    )  # fmt: skip
    return element("g", element("title", words), circle)


def _names(layers: Sequence[LayerTime], across: LogAxis, up: LogAxis) -> list[Markup]:
    """Numbers on the dots, and who they are in the lower right corner, where no roofline has anything."""
    worst = sorted(
        (one for one in layers if one.floor is not None), key=lambda one: -_above_ms(one)
    )
    shapes: list[Markup] = []
    top = HEIGHT - FOOT - 12 - ROW * min(NAMED, len(worst))
    right = WIDTH - RIGHT - 8
    if worst:
        words = "furthest above their floor"
        shapes.append(text((right, top), words, anchor="end", size=10.5, fill=FAINT, halo=True))
    for index, one in enumerate(worst[:NAMED]):
        x, y = _at(one, across, up)
        number = str(index + 1)
        shapes.append(text((x, y + 4), number, anchor="middle", size=11, bold=True, halo=True))
        words = f"{number}  {one.path}: {milliseconds(one.ms)}, {one.distance or 0:.1f} times"
        at = (right, top + ROW * (index + 1))
        shapes.append(text(at, words, anchor="end", size=10.5, halo=True))
    return shapes


def _with_margin(values: list[float]) -> list[float]:
    return [min(values) / MARGIN, max(values) * MARGIN]


def _above_ms(layer: LayerTime) -> float:
    return layer.ms - (layer.floor.ms if layer.floor is not None else 0.0)


def _has_place(layer: LayerTime) -> bool:
    """Whether it has operations, bytes and a time: what only moves bytes has none on logarithmic axes."""
    return layer.work is not None and bool(layer.work.operations and layer.work.intensity)


def _legend() -> list[Markup]:
    shapes: list[Markup] = []
    x = float(LEFT)
    for words, colour in (("float32", FLOAT), ("int8", BYTE)):
        fill = COLOURS[colour]
        shapes.append(
            element("circle", cx=x + 5, cy=12, r=5, fill=fill, fill_opacity=0.55, stroke=INK)
        )
        shapes.append(text((x + 15, 16), words, size=11))
        x += 80
    words = "area: time of the layer; layers under 0.1 % of it all, and those that only move bytes, are not drawn"
    shapes.append(text((x, 16), words, size=11, fill=FAINT))
    return shapes


def _at(layer: LayerTime, across: LogAxis, up: LogAxis) -> tuple[float, float]:
    return across.at(_intensity(layer)), up.at(_speed(layer))


def _intensity(layer: LayerTime) -> float:
    return (layer.work.intensity if layer.work is not None else None) or 1.0


def _speed(layer: LayerTime) -> float:
    """Operations a second."""
    return (layer.work.operations if layer.work is not None else 1) / (layer.ms / 1e3)
