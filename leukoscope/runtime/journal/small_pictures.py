"""Every field and every new cell small, in colour, so that all that was counted can be looked at afterwards."""

import sqlite3
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.crops import Spot, crop_window
from leukoscope.runtime.field import Result
from leukoscope.runtime.journal.pictures import jpeg_of

VIEW_PX = 320
"""Longer side of a field's view (our choice: on a page of fields cells can still be told from each other)."""
CROP_PX = 96
"""Longer side of a cell's crop, which is what the network saw of it (our choice)."""
INSERT_VIEW = "INSERT INTO views VALUES (?, ?)"
INSERT_CROP = "INSERT INTO crops VALUES (?, ?, ?)"


def insert_small(connection: sqlite3.Connection, field: int, result: Result) -> None:
    """Within the caller's transaction."""
    connection.execute(INSERT_VIEW, (field, jpeg_of(_shrunk(result.frame.pixels, VIEW_PX))))
    rows = [(field, cell, jpeg) for cell, jpeg in crops_of(result)]
    connection.executemany(INSERT_CROP, rows)


def crops_of(result: Result) -> Iterator[tuple[int, bytes]]:
    """Number in the field and JPEG of each cell that no field before has shown."""
    pixels, place = result.frame.pixels, result.on_slide
    for number, cell in enumerate(result.cells):
        if place is None or place.new[number]:
            spot = Spot(cell.box_px, float(cell.area_px))
            window = pixels[crop_window(spot, result.frame.size_px)]
            yield number, jpeg_of(_shrunk(window, CROP_PX))


def _shrunk(pixels: NDArray[np.uint8], longer_px: int) -> NDArray[np.uint8]:
    """To `longer_px` at most, never stretched; what is small stays as it is."""
    height, width = pixels.shape[:2]
    ratio = longer_px / max(height, width)
    if ratio >= 1:
        return np.ascontiguousarray(pixels)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
