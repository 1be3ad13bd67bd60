"""A scripted stage under a microscope: windows of one large painted field, along a path, with blur, noise and light."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Frame

RATE_HZ = 30.0
SIZE = (320, 240)
"""Of the camera's frames."""
PLACES = [(40.0, 40.0), (420.0, 60.0), (700.0, 400.0), (330.0, 420.0), (60.0, 560.0)]
"""Far from each other."""


@lru_cache(maxsize=4)
def slide(seed: int = 3, size_px: tuple[int, int] = (1200, 900), stage: str = "Early"):
    """A large field to move about on; not to be written to."""
    image = paint_field(stage, seed, size_px, white_cell_px=36.0, laboratory=seed % 7).image
    image.setflags(write=False)
    return image


@dataclass(frozen=True)
class View:
    """What the camera sees in one frame."""

    x_px: float
    y_px: float
    blur_px: float = 0.0
    smear_px: float = 0.0
    gain: float = 1.0


def rest(x_px: float, y_px: float, frames: int, **looks: float) -> list[View]:
    """The stage stands."""
    return [View(x_px, y_px, **looks) for _ in range(frames)]


def move(start: View, x_px: float, y_px: float, frames: int) -> list[View]:
    """The stage goes to a place, slowly at both ends, and the exposure smears the picture."""
    steps = (1 - np.cos(np.linspace(0, np.pi, frames + 1))) / 2
    views = []
    for a, b in pairwise(steps):
        x = start.x_px + (x_px - start.x_px) * b
        y = start.y_px + (y_px - start.y_px) * b
        smear = 0.4 * float(np.hypot(x_px - start.x_px, y_px - start.y_px)) * (b - a)
        views.append(View(float(x), float(y), smear_px=float(smear)))
    return views


def tour(places: list[tuple[float, float]], rest_frames: int = 20, move_frames: int = 12):
    """Rests at each of the places, one after the other."""
    views = rest(*places[0], rest_frames)
    for place in places[1:]:
        views += move(views[-1], *place, move_frames) + rest(*place, rest_frames)
    return views


def focus(views: list[View], blur_px: list[float]) -> list[View]:
    """The same views with the focus turned."""
    return [replace(v, blur_px=b) for v, b in zip(views, blur_px, strict=True)]


@lru_cache(maxsize=4)
def grain(size_px: tuple[int, int]):
    """Noise of sigma 1 for a dozen frames."""
    rng = np.random.default_rng(7)
    return [rng.standard_normal((size_px[1], size_px[0], 3), np.float32) for _ in range(12)]


def look(image, view: View, size_px: tuple[int, int] = SIZE, noise: float = 0.0, number: int = 0):
    """One picture of the slide."""
    matrix = np.array([[1, 0, view.x_px], [0, 1, view.y_px]], np.float32)
    seen = cv2.warpAffine(
        image, matrix, size_px, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    ).astype(np.float32)
    if view.smear_px >= 1:
        seen = cv2.blur(seen, (int(view.smear_px) | 1, 1))
    if view.blur_px > 0:
        seen = cv2.GaussianBlur(seen, (0, 0), view.blur_px)
    seen *= view.gain
    if noise:
        seen += noise * grain(size_px)[number % 12]
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def film(
    views: list[View],
    size_px: tuple[int, int] = SIZE,
    noise: float = 1.5,
    rate_hz: float = RATE_HZ,
    image=None,
    first: int = 0,
    start_ns: int = 10**9,
) -> Iterator[Frame]:
    """Frames of the views, at a steady pace by the monotonic ticks."""
    image = slide() if image is None else image
    for number, view in enumerate(views, start=first):
        tick = start_ns + round(number / rate_hz * 1e9)
        pixels = look(image, view, size_px, noise, number)
        yield Frame(pixels, "stage", f"f{number:06}", number, 1_700_000_000 * 10**9 + tick, tick)
