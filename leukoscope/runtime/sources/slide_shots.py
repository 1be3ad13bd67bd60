"""The pictures along a path: frames while the stage travels, settles and stays."""

from dataclasses import dataclass

import numpy as np

from leukoscope.images.painter.slide_camera import Shot
from leukoscope.images.painter.slide_scene import STREAM
from leukoscope.runtime.sources.slide_path import FOCUSED, LEFT, SlidePath, Stop
from leukoscope.runtime.sources.slide_request import SlideRequest

SHOTS = 11
"""Stream of draws."""
SPEED_FIELDS_PER_S = 2.5
"""Mean speed of the stage between stops."""
LEAST_TRAVEL_FRAMES = 2
OPEN_SHARE = 0.4
"""Of the time between two frames the shutter is open so long."""
SWING_SHARE, SWING_HZ, SWING_FADES_S = 0.005, 9.0, 0.08
"""Vibration after a stop: size of the field's width, and how it dies away."""
DWELL_SPREAD = 0.3
LEAST_DWELL_FRAMES = 3
FOCUSING_S = 0.5
"""How long the operator takes to focus; the stop is longer by that."""
USUAL_DEFOCUS_CELLS = 0.004
"""At most, at a stop in focus: diameters of a white cell."""
EXPOSURE_STEP, EXPOSURE_SPREAD = 0.004, 0.03
"""From frame to frame, and at most away from 1."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame: how it is taken, and where the stage is."""

    shot: Shot
    stop: int | None
    """Number of the stop; None while the stage travels."""
    still: bool
    """Whether the stage moved by less than half a pixel during the exposure and the focus is that of a sharp stop."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the stage is at the middle of one frame, how far it goes in the exposure, and the focus."""

    at: tuple[float, float]
    travel: tuple[float, float]
    defocus_px: float
    stop: int | None


def draw_moments(request: SlideRequest, path: SlidePath) -> tuple[Moment, ...]:
    """Every frame of the path at the request's rate: the first stop, then travel and stop in turn."""
    rng = np.random.Generator(np.random.PCG64([request.seed, STREAM, SHOTS]))
    places: list[_Place] = []
    for number, stop in enumerate(path.stops):
        if number:
            places += _travel(request, path.stops[number - 1], stop)
        places += _stay(rng, request, number, stop)
    exposures = _exposures(rng, len(places))
    usual = USUAL_DEFOCUS_CELLS * request.cell_px
    return tuple(
        Moment(
            Shot(place.at, place.travel, place.defocus_px, exposure),
            place.stop,
            place.stop is not None
            and max(map(abs, place.travel)) < 0.5
            and place.defocus_px <= usual,
        )
        for place, exposure in zip(places, exposures, strict=True)
    )


def _travel(request: SlideRequest, start: Stop, end: Stop) -> list[_Place]:
    """From one stop to the next, slow at both ends; the focus goes over from one to the other."""
    a, b = np.array(start.corner_px), np.array(end.corner_px)
    a_frame = request.size_px[0] * SPEED_FIELDS_PER_S / request.rate_hz
    count = max(LEAST_TRAVEL_FRAMES, round(float(np.hypot(*(b - a))) / a_frame))
    from_px = start.defocus_px if start.focus == LEFT else 0.0
    places = []
    for k in range(count):
        share = (k + 0.5) / count
        travel = (b - a) * 6 * share * (1 - share) / count * OPEN_SHARE
        focus = from_px + (end.defocus_px - from_px) * share
        places.append(_Place(_xy(a + (b - a) * _eased(share)), _xy(travel), focus, None))
    return places


def _eased(share: float) -> float:
    return share * share * (3 - 2 * share)


def _stay(rng: np.random.Generator, request: SlideRequest, number: int, stop: Stop) -> list[_Place]:
    """The frames of one stop: it settles, is focused if need be, and stays."""
    focusing = FOCUSING_S if stop.focus == FOCUSED else 0.0
    seconds = request.dwell_s * rng.uniform(1 - DWELL_SPREAD, 1 + DWELL_SPREAD) + focusing
    count = max(LEAST_DWELL_FRAMES, round(seconds * request.rate_hz))
    angle, usual = rng.uniform(0, 2 * np.pi), USUAL_DEFOCUS_CELLS * request.cell_px
    way = np.array([np.cos(angle), np.sin(angle)]) * SWING_SHARE * request.size_px[0]
    rest_px = usual * float(rng.uniform())
    places = []
    for k in range(count):
        time_s = (k + 0.5) / request.rate_hz
        open_s = OPEN_SHARE / request.rate_hz
        swung = _swing(time_s + open_s / 2) - _swing(time_s - open_s / 2)
        at = np.array(stop.corner_px) + way * _swing(time_s)
        places.append(_Place(_xy(at), _xy(way * swung), _focus(stop, rest_px, time_s), number))
    return places


def _swing(time_s: float) -> float:
    return float(np.exp(-time_s / SWING_FADES_S) * np.cos(2 * np.pi * SWING_HZ * time_s))


def _focus(stop: Stop, rest_px: float, time_s: float) -> float:
    if stop.focus == LEFT:
        return stop.defocus_px
    if stop.focus == FOCUSED and time_s < FOCUSING_S:
        return rest_px + (stop.defocus_px - rest_px) * (1 - time_s / FOCUSING_S)
    return rest_px


def _exposures(rng: np.random.Generator, count: int) -> list[float]:
    """A walk about 1 that is drawn back to it."""
    values, value = [], 1.0
    for step in rng.normal(0, EXPOSURE_STEP, count):
        value = float(
            np.clip(1 + (value - 1) * 0.98 + step, 1 - EXPOSURE_SPREAD, 1 + EXPOSURE_SPREAD)
        )
        values.append(value)
    return values


def _xy(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])
