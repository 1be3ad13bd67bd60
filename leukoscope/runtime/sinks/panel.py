"""The field itself on an overlay: heat map, outlines of cytoplasm and nucleus, a label for each cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Cell, Evidence, Result
from leukoscope.runtime.sinks.heat import blend
from leukoscope.runtime.sinks.lettering import Colour, Picture, fill, text_width, write_text

CELL_LINE: Colour = (0, 92, 230)
NUCLEUS_LINE: Colour = (255, 214, 10)
HALO: Colour = (255, 255, 255)
EDGE_PX = 3
SMOOTHING_PX = 0.8
"""In pixels of the field: takes the steps out of an enlarged outline."""
LABEL_PX = 11
PAD_PX = 4


def draw_panel(result: Result, size_px: tuple[int, int]) -> Picture:
    """The field at `size_px` (width, height) with all that was found in it."""
    picture = draw_evidence(result.frame.pixels, result.evidence, size_px)
    ratio = size_px[0] / result.frame.size_px[0]
    if result.instances is not None and result.mask is not None:
        _outline_cells(picture, result.mask, result.instances, result.cells, ratio)
    _label_cells(picture, result.cells, ratio)
    return picture


def draw_evidence(
    pixels: NDArray[np.uint8], evidence: Evidence | None, size_px: tuple[int, int]
) -> Picture:
    """The field [H, W, 3] at `size_px` under its heat map; None leaves it as it is."""
    picture = _resized(pixels, size_px).astype(np.uint8)
    if evidence is None:
        return picture
    heat = _resized(evidence.heat, size_px).astype(np.float32)
    signed = evidence.trees is not None
    return blend(picture, np.clip(heat, -1 if signed else 0, 1), signed=signed)


def outline_mask(picture: Picture, mask: NDArray[np.uint8], ratio: float) -> None:
    """Draws the outlines of a mask [H, W] of indices on the field at `ratio` of its size; cells that touch share one."""
    for region, colour in ((mask > 0, CELL_LINE), (mask == 2, NUCLEUS_LINE)):
        _draw_lines(picture, _outlines(region, (0, 0), ratio), colour)


def _resized(pixels: NDArray[Any], size_px: tuple[int, int]) -> NDArray[Any]:
    if pixels.shape[1::-1] == size_px:
        return np.array(pixels)
    resized: NDArray[Any] = cv2.resize(pixels, size_px, interpolation=cv2.INTER_LINEAR)
    return resized


def _outline_cells(
    picture: Picture,
    mask: NDArray[np.uint8],
    instances: NDArray[np.uint16],
    cells: Sequence[Cell],
    ratio: float,
) -> None:
    for number, cell in enumerate(cells, start=1):
        x, y, width, height = cell.box_px
        window = (slice(y, y + height), slice(x, x + width))
        own = instances[window] == number
        for region, colour in ((own, CELL_LINE), (own & (mask[window] == 2), NUCLEUS_LINE)):
            _draw_lines(picture, _outlines(region, (x, y), ratio), colour)


def _draw_lines(picture: Picture, lines: Sequence[NDArray[np.int32]], colour: Colour) -> None:
    cv2.polylines(picture, lines, True, HALO, 4, cv2.LINE_AA)
    cv2.polylines(picture, lines, True, colour, 2, cv2.LINE_AA)


def _outlines(
    region: NDArray[np.bool_], corner_px: tuple[int, int], ratio: float
) -> list[NDArray[np.int32]]:
    """Outer outlines of a region of the field, in pixels of the picture; smooth where it is enlarged."""
    soft = np.pad(region.astype(np.float32), EDGE_PX)
    if ratio > 1:
        soft = cv2.GaussianBlur(soft, (0, 0), SMOOTHING_PX).astype(np.float32)
    if ratio != 1:
        way = cv2.INTER_LINEAR if ratio > 1 else cv2.INTER_AREA
        soft = cv2.resize(soft, None, fx=ratio, fy=ratio, interpolation=way).astype(np.float32)
    found, _ = cv2.findContours(
        (soft > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    corner = np.round((np.array(corner_px) - EDGE_PX) * ratio).astype(np.int32)
    return [(line + corner).astype(np.int32) for line in found]


def _label_cells(picture: Picture, cells: Sequence[Cell], ratio: float) -> None:
    """A label over the middle of each cell's box, under it where there is no room, moved down where one is already there."""
    taken: list[tuple[int, int, int, int]] = []
    for cell in cells:
        text = f"{cell.type} {cell.probability:.2f}"
        size = (text_width(text, LABEL_PX) + 2 * PAD_PX, LABEL_PX + 2 * PAD_PX)
        spot = _free_spot(_box_on_picture(cell, ratio), size, picture.shape[1::-1], taken)
        taken.append((*spot, *size))
        fill(picture, spot, size, CELL_LINE)
        base = (spot[0] + PAD_PX, spot[1] + size[1] - PAD_PX - 1)
        write_text(picture, text, base, LABEL_PX, HALO)


def _box_on_picture(cell: Cell, ratio: float) -> tuple[int, int, int, int]:
    x, y, width, height = (round(side * ratio) for side in cell.box_px)
    return x, y, width, height


def _free_spot(
    box: tuple[int, int, int, int],
    size: tuple[int, int],
    picture_px: Sequence[int],
    taken: Sequence[tuple[int, int, int, int]],
) -> tuple[int, int]:
    x, y, width, height = box
    left = max(0, min(x + (width - size[0]) // 2, picture_px[0] - size[0]))
    lowest = max(0, picture_px[1] - size[1])
    over, under = y - size[1] - 2, y + height + 2
    for top in (over, under, *range(max(over, 0), lowest + 1, size[1] + 1)):
        spot = (left, top)
        if 0 <= top <= lowest and not any(_meet((*spot, *size), other) for other in taken):
            return spot
    return left, max(0, min(over, lowest))


def _meet(one: Sequence[int], other: Sequence[int]) -> bool:
    apart = (
        one[0] >= other[0] + other[2]
        or other[0] >= one[0] + one[2]
        or one[1] >= other[1] + other[3]
        or other[1] >= one[1] + one[3]
    )
    return not apart
