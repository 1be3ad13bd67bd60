"""The grammar of synthetic://slide?KEY=VALUE&..., read strictly."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.slide_densities import MOST_CELLS, MOST_CLUMPS, Densities

SLIDE_GRAMMAR = "synthetic://slide?stage=early&seed=1&stops=40&overlap=0.2-0.6&returns=0.1&blurred=0.1&rate=30&size=640x480"
MAX_STOPS, MAX_SEED = 400, 2**32
MAX_RATE_HZ, LEAST_RATE_HZ = 240.0, 1.0
MAX_FRAMES = 200_000
"""Of a path: they are all drawn before the first is given, and take some 500 bytes each."""
SIDES_PX = (160, 1920)
REFERENCE_PX, REFERENCE_CELL_PX = (640, 480), 80.0
DECIMAL = re.compile(r"\d{1,6}(\.\d{1,6})?")
INTEGER = re.compile(r"\d{1,12}")

T = TypeVar("T")


@dataclass(frozen=True)
class SlideRequest:
    """What a slide is asked to be, and how the stage goes over it. `docs/virtual-slide.md` explains each."""

    stage: str = "Early"
    seed: int = 0
    stops: int = 40
    """Return visits among them."""
    overlap: tuple[float, float] = (0.2, 0.6)
    """Of a field with the next one along the row, and of rows: share of the side, drawn evenly."""
    returns: float = 0.1
    """Share of the stops that go back to an earlier place."""
    blurred: float = 0.1
    """Share of the stops that begin out of focus."""
    dwell_s: float = 0.6
    """How long the stage stays, on average."""
    rate_hz: float = 30.0
    size_px: tuple[int, int] = REFERENCE_PX
    cell_px: float = REFERENCE_CELL_PX
    """Of a white cell of 13 micrometres."""
    densities: Densities = field(default_factory=Densities)
    live: bool = False


def parse_slide(text: str) -> SlideRequest:
    """The request in a synthetic://slide URI; all keys are optional. InputError names the wrong part."""
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is no URI: {error}", wanted=SLIDE_GRAMMAR) from None
    place = (parts.scheme.lower(), parts.netloc.lower())
    if place != ("synthetic", "slide") or parts.path.strip("/") or parts.fragment:
        raise InputError(f"{text[:80]!r} names no virtual slide", wanted=SLIDE_GRAMMAR)
    return _request(_Values(pairs))


def _request(values: "_Values") -> SlideRequest:
    size_px = values.take("size", _size, REFERENCE_PX)
    seed = values.take("seed", _integer(0, MAX_SEED), 0)
    area = size_px[0] * size_px[1] / (REFERENCE_PX[0] * REFERENCE_PX[1])
    request = SlideRequest(
        stage=values.take("stage", _stage, STAGES[seed % len(STAGES)]),
        seed=seed,
        stops=values.take("stops", _integer(1, MAX_STOPS), SlideRequest.stops),
        overlap=values.take("overlap", _span(0.0, 0.9), SlideRequest.overlap),
        returns=values.take("returns", _number(0, 0.9), SlideRequest.returns),
        blurred=values.take("blurred", _number(0, 1), SlideRequest.blurred),
        dwell_s=values.take("dwell", _number(0, 60), SlideRequest.dwell_s),
        rate_hz=values.take("rate", _number(LEAST_RATE_HZ, MAX_RATE_HZ), SlideRequest.rate_hz),
        size_px=size_px,
        cell_px=values.take("cell", _number(20, 400), REFERENCE_CELL_PX * area**0.5),
        densities=_densities(values),
        live=values.take("live", _yes_or_no, False),
    )
    values.close()
    _check_length(request)
    return request


def _check_length(request: SlideRequest) -> None:
    """Of each stop, with the way to it about a second more than it lasts."""
    frames = request.stops * (request.dwell_s + 1) * request.rate_hz
    if frames > MAX_FRAMES:
        raise InputError(
            f"synthetic://slide has about {frames:.0f} frames",
            wanted=f"at most {MAX_FRAMES}: stops x (dwell + 1 s) x rate",
        )


def _densities(values: "_Values") -> Densities:
    return Densities(
        cells=values.take("cells", _number(0, MOST_CELLS), None),
        touching=values.take("touching", _number(0, 1), Densities.touching),
        overlapping=values.take("overlapping", _number(0, 1), Densities.overlapping),
        clumps=values.take("clumps", _number(0, MOST_CLUMPS), Densities.clumps),
    )


class _Values:
    """The keys of a URI, each taken once; `close` refuses what nobody took."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._left: dict[str, str] = {}
        self._known: list[str] = []
        for key, value in pairs:
            name = key.lower()
            if name in self._left:
                raise InputError(f"synthetic://slide names {name[:40]} twice")
            self._left[name] = value

    def take(self, key: str, read: Callable[[str], tuple[T | None, str]], default: T) -> T:
        """The key's value as `read` reads it; that returns None and what was wanted where it cannot."""
        self._known.append(key)
        text = self._left.pop(key, None)
        if text is None:
            return default
        value, wanted = read(text)
        if value is None:
            raise InputError(f"synthetic://slide has {key}={text[:40]!r}", wanted=wanted)
        return value

    def close(self) -> None:
        for key in self._left:
            raise InputError(
                f"synthetic://slide has no key {key[:40]!r}",
                wanted=f"any of {', '.join(self._known)}",
            )


def _stage(text: str) -> tuple[str | None, str]:
    stages = {stage.lower(): stage for stage in STAGES}
    return stages.get(text.lower()), f"any of {', '.join(stages)}"


def _yes_or_no(text: str) -> tuple[bool | None, str]:
    return {"yes": True, "no": False}.get(text.lower()), "yes or no"


def _size(text: str) -> tuple[tuple[int, int] | None, str]:
    low, high = SIDES_PX
    wanted = f"WIDTHxHEIGHT, each {low} to {high}"
    sides = [_integer(low, high)(side)[0] for side in text.lower().split("x")]
    if len(sides) != 2 or sides[0] is None or sides[1] is None:
        return None, wanted
    return (sides[0], sides[1]), wanted


def _integer(low: int, high: int) -> Callable[[str], tuple[int | None, str]]:
    def read(text: str) -> tuple[int | None, str]:
        good = text.isascii() and INTEGER.fullmatch(text) and low <= int(text) <= high
        return (int(text) if good else None), f"a whole number, {low} to {high}"

    return read


def _number(low: float, high: float) -> Callable[[str], tuple[float | None, str]]:
    def read(text: str) -> tuple[float | None, str]:
        good = text.isascii() and DECIMAL.fullmatch(text) and low <= float(text) <= high
        return (float(text) if good else None), f"a number, {low:g} to {high:g}"

    return read


def _span(low: float, high: float) -> Callable[[str], tuple[tuple[float, float] | None, str]]:
    """One number, or two with a dash between."""

    def read(text: str) -> tuple[tuple[float, float] | None, str]:
        ends = [_number(low, high)(part)[0] for part in text.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None or first > last:
            return None, f"LOW-HIGH, from {low:g} to {high:g}"
        return (first, last), ""

    return read
