"""Sweeps over painted fields through the whole pipeline: pixels, area at one scale, cells."""

from dataclasses import replace

from timing.turns import Way

from growing.sweep import Sweep
from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.painter.field import paint_field, paint_field_of
from leukoscope.images.painter.truth import PaintedField
from leukoscope.runtime.field import Frame
from leukoscope.runtime.field_scale import UNKNOWN_SCALE, FieldScale
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.scale import WHITE_CELL_UM

SEED = 83_000
MORE_PIXELS = (0.5, 1.0, 2.0, 4.0)
"""Sides, times 640 x 480."""
LARGER = (1.0, 2.0, 3.0, 4.0)
CELL_PX = 80.0
MANY_PX = (1600, 1200)
MOST_TRIED = 60


def more_pixels(pipeline: Pipeline, sizes: int) -> Sweep:
    """One field, photographed with more and more pixels: one square for each network, whatever the size."""
    ways: dict[float, Way] = {}
    for times in MORE_PIXELS[:sizes]:
        size = (round(640 * times), round(480 * times))
        ways[size[0] * size[1] / 1e6] = _way(pipeline, paint_field("Early", SEED, size))
    return Sweep("a field, with more pixels", "megapixels", ways)


def larger_fields(pipeline: Pipeline, sizes: int) -> Sweep:
    """Larger fields at one known scale, cut into more and more squares, with as many more cells."""
    ways: dict[float, Way] = {}
    for times in LARGER[:sizes]:
        size = (round(640 * times), round(480 * times))
        field = paint_field("Early", SEED, size, CELL_PX)
        ways[size[0] * size[1] / 1e6] = _way(pipeline, field, WHITE_CELL_UM / CELL_PX)
    return Sweep("a larger field, at one scale", "megapixels", ways)


def more_cells(pipeline: Pipeline, sizes: int) -> Sweep:
    """Fields of one size and scale; the size is the cells that the pipeline finds."""
    ways: dict[float, Way] = {}
    for index in range(MOST_TRIED):
        field = paint_field_of(CELL_TYPES[index % 4], SEED + index, MANY_PX, CELL_PX)
        count = len(pipeline(_frame(field, UNKNOWN_SCALE)).cells)
        if count and all(max(count, n) >= 1.3 * min(count, n) for n in ways):
            ways[count] = _way(pipeline, field)
        if len(ways) == sizes:
            break
    return Sweep("cells in a field", "cells", dict(sorted(ways.items())))


def _way(pipeline: Pipeline, field: PaintedField, um_per_px: float | None = None) -> Way:
    scale = UNKNOWN_SCALE if um_per_px is None else FieldScale(um_per_px, "given")
    frame = _frame(field, scale)
    return lambda index: pipeline(replace(frame, index=index))


def _frame(field: PaintedField, scale: FieldScale) -> Frame:
    return Frame(field.image, "memory", "field", 0, scale=scale)
