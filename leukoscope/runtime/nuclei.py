"""Parting clumps by their nuclei, where the outline alone does not say: three cells that lean on one another have no neck."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.instances import NUCLEUS, Instance, trimmed, typical_area
from leukoscope.runtime.splitting import convexity, grow, split_depth

CLUMP_SHARE = 1.5
"""A piece with more area than this share of the field's typical cell may be several."""
CLUMP_CONVEXITY = 0.965
"""A piece that fills more of its convex hull is one large cell."""
LEAST_NUCLEUS = 0.5
"""Nuclei of a clump are alike: the smallest has at least this share of the largest one's area. Lobes often have not."""
LEAST_CELL_SHARE = 0.5
"""Of the typical area, what each cell of a clump must have on average: a lobed nucleus would give more and smaller ones."""


def part_clumps(pieces: Sequence[Instance], mask: NDArray[np.uint8]) -> list[Instance]:
    """The pieces, clumps parted; `mask` [H, W] is the field's: 0 background, 1 cytoplasm, 2 nucleus.

    Our choice. Without a cell that is alone nothing says how large one is, and nothing is parted.
    """
    alone = [int(p.region.sum()) for p in pieces if convexity(p.region) >= CLUMP_CONVEXITY]
    typical_px = typical_area(alone)
    parted: list[Instance] = []
    for piece in pieces:
        parted += _parts(piece, mask, typical_px) if typical_px else [piece]
    return parted


def _parts(piece: Instance, mask: NDArray[np.uint8], typical_px: int) -> list[Instance]:
    area_px = int(piece.region.sum())
    if area_px < CLUMP_SHARE * typical_px or convexity(piece.region) >= CLUMP_CONVEXITY:
        return [piece]
    seeds = _nuclei(piece.region & (mask[piece.window] == NUCLEUS))
    count = int(seeds.max())
    if count < 2 or area_px < count * LEAST_CELL_SHARE * typical_px:
        return [piece]
    grow(seeds, piece.region)
    return [trimmed(piece.window, seeds == number) for number in range(1, count + 1)]


def _nuclei(nucleus: NDArray[np.bool_]) -> NDArray[np.int32]:
    """[h, w]: 0, or 1.. for each large nucleus."""
    blobs = split_depth(nucleus)
    areas = np.bincount(blobs.ravel())
    areas[0] = 0
    large = np.flatnonzero(areas >= max(1.0, LEAST_NUCLEUS * areas.max()))
    numbers = np.zeros(len(areas), np.int32)
    numbers[large] = np.arange(1, len(large) + 1)
    return numbers[blobs]
