"""From a mask of cells to single cells: specks out, holes filled, touching cells parted.

Our choice of method: distance transform, seeds by the depth of the saddle between them, watershed.
All work is done on the window around one connected piece, never on the whole field.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.laying import Window
from leukoscope.images.opencv import cv2
from leukoscope.runtime.shape import roundness
from leukoscope.runtime.splitting import grow, split_touching

MIN_SHARE_OF_LARGEST = 0.05
"""A cell smaller than this share of the field's largest is a speck."""
FRAGMENT_SHARE = 0.5
"""What the field's border cuts off a cell is a cell if at least this share of it is seen (our choice): less is too little to
be typed, and in the neighbouring field the cell is whole. So much is seen where the piece has this share of the field's
typical whole cell, or of a smaller round cell where it reaches into the field by this share of its width along the border."""
LEAST_FRAGMENT = 0.25
"""Of the typical area; a cut piece with less is debris, whatever its shape."""
MIN_NUCLEUS_SHARE = 0.05
"""A part of a piece whose nucleus takes less of it has none."""
GAP_ROUNDNESS = 0.74
"""A hole that is less round is a gap between cells: three or four discs that touch or overlap leave 0.48 to 0.72."""
TINY_SHARE = 0.1
"""A hole under this share of the smallest cell is a fault of the mask."""

NUCLEUS = 2


@dataclass(frozen=True, eq=False)
class Instance:
    """One cell in its window."""

    window: Window
    region: NDArray[np.bool_]
    """[h, w], the cell's pixels in the window."""


def find_instances(mask: NDArray[np.uint8], min_area_px: float) -> list[Instance]:
    """Single cells in `mask` [H, W], largest first, none under `min_area_px` pixels, no fragments at the border.

    `mask` has 0 for background, 1 for cytoplasm, 2 for nucleus.
    """
    return keep_cells(find_pieces(mask, min_area_px), mask.shape)


def find_pieces(
    mask: NDArray[np.uint8], min_area_px: float, corner_px: tuple[int, int] = (0, 0)
) -> list[Instance]:
    """All that may be a cell in a part of the field, `mask` [h, w]; `corner_px` is the part's upper left (x, y)."""
    cell = np.minimum(mask, 1)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cell, connectivity=8)
    return [
        _moved(instance, corner_px)
        for label in range(1, count)
        if stats[label, cv2.CC_STAT_AREA] >= min_area_px
        for instance in _part(mask, labels, label, stats[label], min_area_px)
    ]


def keep_cells(pieces: Sequence[Instance], shape: tuple[int, ...]) -> list[Instance]:
    """The cells among the pieces of a field of this shape, largest first: no specks, no fragments at the border."""
    found = [(int(piece.region.sum()), piece, _cuts(piece, shape)) for piece in pieces]
    floor = MIN_SHARE_OF_LARGEST * max((area for area, _, _ in found), default=0)
    whole = typical_area([area for area, _, cuts in found if not any(cuts)])
    kept = [
        (area, piece)
        for area, piece, cuts in found
        if area >= floor and (not any(cuts) or _is_mostly_seen(piece, area, cuts, whole))
    ]
    return [instance for _, instance in sorted(kept, key=lambda one: -one[0])]


def _is_mostly_seen(piece: Instance, area_px: int, cuts: tuple[bool, bool], whole_px: int) -> bool:
    """Whether a piece that the border cuts is FRAGMENT_SHARE of a cell; `cuts` as `_cuts` gives them."""
    if all(cuts) or area_px >= FRAGMENT_SHARE * whole_px:
        return area_px >= FRAGMENT_SHARE * whole_px
    height, width = piece.region.shape
    depth, along = (height, width) if cuts[0] else (width, height)
    return depth >= FRAGMENT_SHARE * along and area_px >= LEAST_FRAGMENT * whole_px


def _moved(cell: Instance, corner_px: tuple[int, int]) -> Instance:
    if corner_px == (0, 0):
        return cell
    (rows, columns), (x, y) = cell.window, corner_px
    window = (slice(rows.start + y, rows.stop + y), slice(columns.start + x, columns.stop + x))
    return Instance(window, cell.region)


def typical_area(areas_px: Sequence[int]) -> int:
    """The median area, each weighted by its diameter: neither specks nor a clump that was not parted decide. 0 for none."""
    ranked = np.sort(np.asarray(areas_px, np.int64))
    if not len(ranked):
        return 0
    reached = np.cumsum(np.sqrt(ranked))
    return int(ranked[np.searchsorted(reached, reached[-1] / 2)])


def _cuts(cell: Instance, shape: tuple[int, ...]) -> tuple[bool, bool]:
    """Whether the upper or lower border of a field of this shape cuts the cell, and the left or right one."""
    (rows, columns), (height, width) = cell.window, shape
    across = rows.start == 0 or rows.stop == height
    return across, columns.start == 0 or columns.stop == width


def fill_holes(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`region` [h, w] with everything that it encloses."""
    outlines, _ = cv2.findContours(
        region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = np.zeros(region.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, thickness=cv2.FILLED)
    return filled > 0


def fill_faults(piece: NDArray[np.bool_], tiny_px: float) -> NDArray[np.bool_]:
    """`piece` [h, w] with its holes, but not with the gaps between cells.

    Round cells leave a gap with sides that bend inwards; a vacuole or a fault of the mask is round, or tiny.
    """
    holes = fill_holes(piece) & ~piece
    if not holes.any():
        return piece
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        holes.astype(np.uint8), connectivity=4
    )
    closed: NDArray[np.bool_] = piece.copy()
    for label in range(1, count):
        hole = labels == label
        if stats[label, cv2.CC_STAT_AREA] <= tiny_px or roundness(hole) > GAP_ROUNDNESS:
            closed |= hole
    return closed


def _part(
    mask: NDArray[np.uint8],
    labels: NDArray[Any],
    label: int,
    stats: NDArray[Any],
    min_area_px: float,
) -> Iterator[Instance]:
    """The cells of one connected piece."""
    x, y, width, height = (int(value) for value in stats[:4])
    whole = (slice(y, y + height), slice(x, x + width))
    piece = fill_faults(labels[whole] == label, TINY_SHARE * min_area_px)
    parts = split_touching(piece)
    _join_bare(parts, mask[whole] == NUCLEUS)
    count = int(parts.max())
    for part in range(1, count + 1):
        region = fill_holes(piece if count == 1 else parts == part)
        if region.sum() < max(1.0, min_area_px):
            continue
        yield trimmed(whole, region)


def trimmed(window: Window, region: NDArray[np.bool_]) -> Instance:
    """The part of the window that holds the region [h, w], which is not empty."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    y, x = window[0].start, window[1].start
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    inside = (slice(y + top, y + bottom), slice(x + left, x + right))
    return Instance(inside, region[top:bottom, left:right])


def _join_bare(parts: NDArray[np.int32], nucleus: NDArray[np.bool_]) -> None:
    """Gives parts without a nucleus to their neighbours: a pale lobe of cytoplasm is no cell of its own."""
    numbers = np.arange(1, int(parts.max()) + 1)
    bare = [n for n in numbers if nucleus[parts == n].mean() < MIN_NUCLEUS_SHARE]
    if 0 < len(bare) < len(numbers):
        piece = parts > 0
        parts[np.isin(parts, bare)] = 0
        grow(parts, piece)
