"""Text on pictures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Picture = NDArray[np.uint8]
"""[H, W, 3] RGB, drawn on in place."""
Colour = tuple[int, int, int]

INK: Colour = (28, 30, 38)
GREY: Colour = (118, 122, 134)
PALE: Colour = (222, 224, 230)
PAPER: Colour = (250, 250, 252)
WARNING: Colour = (176, 58, 22)


def write_text(
    picture: Picture, text: str, left_base: tuple[int, int], height_px: int, colour: Colour = INK
) -> int:
    """Writes at the left end of the base line, capitals about `height_px` high; returns the width in pixels."""
    shown = text.encode("ascii", "replace").decode()
    scale, weight = _pen(height_px)
    font, (x, y) = _font(), left_base
    cv2.putText(picture, shown, (int(x), int(y)), font, scale, colour, weight, cv2.LINE_AA)
    return text_width(text, height_px)


def write_fitting(
    picture: Picture,
    text: str,
    left_base: tuple[int, int],
    height_px: int,
    room_px: int,
    colour: Colour = INK,
) -> int:
    """As `write_text`, in smaller letters or shortened where `room_px` is too little."""
    least = max(1, height_px - 3)
    fits = (h for h in range(height_px, least, -1) if text_width(text, h) <= room_px)
    chosen = next(fits, least)
    return write_text(picture, shorten(text, chosen, room_px), left_base, chosen, colour)


def shorten(text: str, height_px: int, room_px: int) -> str:
    """The text, or as much of its beginning as fits into `room_px` with two dots."""
    if text_width(text, height_px) <= room_px:
        return text
    while text and text_width(f"{text}..", height_px) > room_px:
        text = text[:-1]
    return f"{text.rstrip()}.."


def text_width(text: str, height_px: int) -> int:
    """Width of `text` in pixels."""
    scale, weight = _pen(height_px)
    (width, _), _ = cv2.getTextSize(
        text.encode("ascii", "replace").decode(), _font(), scale, weight
    )
    return int(width)


def fill(picture: Picture, corner: tuple[int, int], size: tuple[int, int], colour: Colour) -> None:
    """A filled rectangle at (x, y) of (width, height) pixels."""
    (x, y), (width, height) = corner, size
    cv2.rectangle(picture, (x, y), (x + width - 1, y + height - 1), colour, cv2.FILLED)


def _font() -> Any:
    return cv2.FONT_HERSHEY_SIMPLEX


def _pen(height_px: int) -> tuple[float, int]:
    """Scale and line width of Hershey's letters, whose capitals are 21 units high."""
    return height_px / 21.0, max(1, round(height_px / 11))
