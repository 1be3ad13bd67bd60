"""The bytes that a field leaves in the journal: a grey JPEG, with what the map must know in its comment."""

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.picture import SIDE_PX
from leukoscope.runtime.slide.position import OnSlide

QUALITY = 90
FORMAT = 1
START, COMMENT = b"\xff\xd8", b"\xff\xfe"
MAX_COMMENT = 65_000
"""A JPEG's comment holds 65,533 bytes; pairs of united cells beyond that take a further comment."""


@dataclass(frozen=True)
class Join:
    """An island that became part of another."""

    island: int
    shift_px: tuple[float, float]
    """Of its places, map pixels."""


@dataclass(frozen=True)
class Notes:
    """What the picture does not show."""

    corner_px: tuple[float, float]
    """Map pixels, x and y, after the joins."""
    picture_px_per_px: float
    um_per_px: float | None
    joins: tuple[Join, ...]
    same_cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Remembered:
    """A field as the journal kept it, for `SlideMap.restore`."""

    on_slide: OnSlide
    boxes_px: Sequence[tuple[int, int, int, int]]
    """x, y, width, height of its cells, at the field's own size, in the order of `on_slide.cell_numbers`."""
    thumbnail: bytes | None
    """As `SlideMap.thumbnail` gave it; None where it was not kept."""
    size_px: tuple[int, int]
    """Width, height of the field."""


def encode(grey: NDArray[np.uint8]) -> bytes:
    """A JPEG of the picture [h, w]."""
    return bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def decode(thumbnail: bytes) -> NDArray[np.uint8]:
    """[h, w] of a JPEG, with or without notes. InputError where it is none, or larger than a picture."""
    held = np.frombuffer(thumbnail, np.uint8)
    found = cv2.imdecode(held, cv2.IMREAD_GRAYSCALE) if len(held) else None
    if found is None or max(found.shape) > SIDE_PX:
        raise _broken("it is no JPEG of a picture")
    return np.asarray(found, np.uint8)


def with_notes(jpeg: bytes, notes: Notes) -> bytes:
    """The JPEG with the notes in comments behind its first marker; any viewer still shows it."""
    text = json.dumps({"format": FORMAT, **asdict(notes)}, separators=(",", ":")).encode()
    parts = [text[start : start + MAX_COMMENT] for start in range(0, len(text), MAX_COMMENT)]
    comments = b"".join(COMMENT + struct.pack(">H", len(part) + 2) + part for part in parts)
    return START + comments + jpeg[len(START) :]


def notes_of(thumbnail: bytes) -> Notes:
    """The notes; InputError where there are none that can be read."""
    text, place = b"", len(START)
    while thumbnail[place : place + 2] == COMMENT and len(thumbnail) > place + 4:
        (length,) = struct.unpack_from(">H", thumbnail, place + 2)
        text += thumbnail[place + 4 : place + 2 + length]
        place += 2 + length
    try:
        kept = json.loads(text)
        if kept["format"] != FORMAT:
            raise _broken(f"its notes are of format {kept['format']}, not {FORMAT}")
        um = kept["um_per_px"]
        return Notes(
            _pair(kept["corner_px"]),
            _finite(kept["picture_px_per_px"], above=0.0),
            None if um is None else _finite(um, above=0.0),
            tuple(Join(int(one["island"]), _pair(one["shift_px"])) for one in kept["joins"]),
            tuple((int(later), int(earlier)) for later, earlier in kept["same_cells"]),
        )
    except (ValueError, KeyError, TypeError) as cause:
        raise _broken("its notes cannot be read") from cause


def _pair(values: Sequence[float]) -> tuple[float, float]:
    x, y = values
    return _finite(x), _finite(y)


def _finite(value: float, above: float = -math.inf) -> float:
    """ValueError for what is no number, or not above `above`."""
    if not (math.isfinite(float(value)) and float(value) > above):
        raise ValueError(value)
    return float(value)


def _broken(found: str) -> InputError:
    return InputError(
        f"a field's thumbnail in the journal is broken: {found}",
        wanted="the bytes that the slide map gave",
        next_step="start a new slide id: the map of this one cannot be continued",
    )
