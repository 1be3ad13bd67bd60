"""Parting clumps by their nuclei, where the outline alone does not say: three cells that lean on one another have no neck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.instances import NUCLEUS, Instance, trimmed, typical_area
from leukoscope.runtime.splitting import convexity, grow, split_depth

CLUMP_SHARE = 1.5
"""A piece with more area than this share of the field's typical cell may be several."""
CLUMP_CONVEXITY = 0.965
"""A piece that fills more of its convex hull is one large cell."""
LEAST_NUCLEUS = 0.5
"""Of the area of the typical cell's whole nucleus, what a nucleus in a clump must have: less is a lobe."""
LEAST_CELL = 0.5
"""Of the typical area, what each cell of a clump must have."""


def part_clumps(pieces: Sequence[Instance], mask: NDArray[np.uint8]) -> list[Instance]:
    """The pieces, clumps parted; `mask` [H, W] is the field's: 0 background, 1 cytoplasm, 2 nucleus.

    Our choice. Without a cell that is alone nothing says how large one is, and nothing is parted.
    """
    alone = [piece for piece in pieces if convexity(piece.region) >= CLUMP_CONVEXITY]
    typical = _Typical(
        typical_area([int(piece.region.sum()) for piece in alone]),
        typical_area([int(_nucleus(piece, mask).sum()) for piece in alone]),
    )
    if not typical.nucleus_px:
        return list(pieces)
    return [part for piece in pieces for part in _parts(piece, mask, typical)]


@dataclass(frozen=True)
class _Typical:
    """Areas of the field's typical cell."""

    cell_px: int
    nucleus_px: int


def _parts(piece: Instance, mask: NDArray[np.uint8], typical: _Typical) -> list[Instance]:
    large = piece.region.sum() >= CLUMP_SHARE * typical.cell_px
    if not large or convexity(piece.region) >= CLUMP_CONVEXITY:
        return [piece]
    seeds = _large_nuclei(_nucleus(piece, mask), LEAST_NUCLEUS * typical.nucleus_px)
    if seeds.max() < 2:
        return [piece]
    grow(seeds, piece.region)
    areas_px = np.bincount(seeds.ravel())[1:]
    if areas_px.min() < LEAST_CELL * typical.cell_px:
        return [piece]
    return [trimmed(piece.window, seeds == number) for number in range(1, len(areas_px) + 1)]


def _nucleus(piece: Instance, mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(piece.region & (mask[piece.window] == NUCLEUS))


def _large_nuclei(nucleus: NDArray[np.bool_], least_px: float) -> NDArray[np.int32]:
    """[h, w]: 0, or 1.. for each nucleus of at least `least_px` pixels: as they lie apart, else parted at their necks."""
    _, apart = cv2.connectedComponents(nucleus.astype(np.uint8), connectivity=4)
    seeds = _numbered_from(np.asarray(apart, np.int32), least_px)
    return seeds if seeds.max() >= 2 else _numbered_from(split_depth(nucleus), least_px)


def _numbered_from(blobs: NDArray[np.int32], least_px: float) -> NDArray[np.int32]:
    """The blobs of at least `least_px` pixels, numbered from 1."""
    areas_px = np.bincount(blobs.ravel())
    areas_px[0] = 0
    large = np.flatnonzero(areas_px >= max(1.0, least_px))
    numbers = np.zeros(len(areas_px), np.int32)
    numbers[large] = np.arange(1, len(large) + 1)
    return numbers[blobs]
