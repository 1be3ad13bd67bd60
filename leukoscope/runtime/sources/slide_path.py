"""The way of a stage over a slide: stops in rows, some of them visits to an earlier place."""

from dataclasses import dataclass, replace

import numpy as np

from leukoscope.images.painter.slide_scene import STREAM
from leukoscope.runtime.sources.slide_request import SlideRequest

PATH = 10
"""Stream of draws."""
EDGE_SHARE = 0.1
"""Of the field's sides: ground about the outermost fields."""
ROW_JITTER_SHARE = 0.01
"""How far a stop lies above or below its row, of the field's height."""
RETURN_OFF_SHARE = (0.004, 0.03)
"""How far a return visit misses the place, of the field's width."""
LEAST_STOPS_BETWEEN = 3
"""A return visit goes to a stop at least so many stops before."""
DEFOCUS_CELLS = (0.03, 0.075)
"""Blur of a stop out of focus: standard deviation in diameters of a white cell."""

SHARP, FOCUSED, LEFT = "sharp", "focused", "left"
"""How a stop goes: in focus; out of focus until the operator has focused; left out of focus."""


@dataclass(frozen=True)
class Stop:
    """A place where the stage stays."""

    corner_px: tuple[float, float]
    """The field's upper left corner on the slide."""
    returns_to: int | None = None
    """The earlier stop that this visits again."""
    focus: str = SHARP
    defocus_px: float = 0.0


@dataclass(frozen=True)
class SlidePath:
    """The stops in order, and the slide that holds them all."""

    stops: tuple[Stop, ...]
    slide_px: tuple[int, int]


def draw_path(request: SlideRequest) -> SlidePath:
    """Rows to and fro with drawn overlaps, then return visits and focus errors among the stops."""
    rng = np.random.Generator(np.random.PCG64([request.seed, STREAM, PATH]))
    visits = min(round(request.returns * request.stops), request.stops - 1)
    rows = _rows(rng, request, request.stops - visits)
    edge = np.array(request.size_px) * EDGE_SHARE
    rows = rows - rows.min(axis=0) + edge
    width, height = np.ceil(rows.max(axis=0) + np.array(request.size_px) + edge)
    stops = [Stop((float(x), float(y))) for x, y in rows]
    stops = _with_visits(rng, stops, visits, request.size_px[0])
    return SlidePath(tuple(_with_focus(rng, stops, request)), (int(width), int(height)))


def _rows(rng: np.random.Generator, request: SlideRequest, count: int) -> np.ndarray:
    """Corners [count, 2]: rows of about as many fields as there are rows."""
    width, height = request.size_px
    columns = max(1, int(np.ceil(np.sqrt(count))))
    corners, y = np.empty((count, 2)), 0.0
    for first in range(0, count, columns):
        n = min(columns, count - first)
        steps = width * (1 - rng.uniform(*request.overlap, columns))
        x = np.concatenate([[0.0], np.cumsum(steps)[: columns - 1]])
        x = x if (first // columns) % 2 == 0 else x[::-1]
        jitter = height * rng.uniform(-ROW_JITTER_SHARE, ROW_JITTER_SHARE, n)
        corners[first : first + n] = np.stack([x[:n], y + jitter], axis=1)
        y += height * (1 - rng.uniform(*request.overlap))
    return corners


def _with_visits(
    rng: np.random.Generator, stops: list[Stop], visits: int, width: int
) -> list[Stop]:
    """Return visits among the stops, each to a place that was seen a while before."""
    total = len(stops) + visits
    earliest = min(LEAST_STOPS_BETWEEN, total - visits)
    at = set(rng.choice(np.arange(earliest, total), visits, replace=False).tolist())
    rest, made = iter(stops), list[Stop]()
    for index in range(total):
        if index not in at:
            made.append(next(rest))
            continue
        earlier = int(rng.integers(max(1, len(made) - LEAST_STOPS_BETWEEN + 1)))
        angle, off = rng.uniform(0, 2 * np.pi), width * rng.uniform(*RETURN_OFF_SHARE)
        x, y = made[earlier].corner_px
        place = (float(x + off * np.cos(angle)), float(y + off * np.sin(angle)))
        made.append(Stop(place, returns_to=earlier))
    return made


def _with_focus(rng: np.random.Generator, stops: list[Stop], request: SlideRequest) -> list[Stop]:
    """A share of the stops begins out of focus; of those every other one stays so."""
    chosen = rng.permutation(len(stops))[: round(request.blurred * len(stops))]
    made = list(stops)
    for number, index in enumerate(chosen.tolist()):
        sigma = request.cell_px * float(rng.uniform(*DEFOCUS_CELLS))
        kind = (FOCUSED, LEFT)[number % 2]
        made[index] = replace(made[index], focus=kind, defocus_px=sigma)
    return made
