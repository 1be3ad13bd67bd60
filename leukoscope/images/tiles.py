"""A field that is larger than the network's square at the wanted scale: cut into squares that overlap, joined again.

    plan = plan_tiles((1920, 1080), contract, step=0.5, overlap_px=48)
    squares = cut_tiles(field, plan, contract)                  # [T, S, S, 3]
    plane = join_tiles(maps, plan)                              # [T, C, h, w] -> [C, H, W], laid by plan.placement

What two tiles say of one place is averaged, each weighted by the distance to its own border, where a network sees
least. So the joined plane holds every place once, and what is found in it is counted once.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, Placement, inner_of, placement_of, resize_to

PITCH_PX = 16
"""Tiles begin at multiples of this: the networks' maps have cells of 8 and 16 pixels, so joined maps fit."""
MAX_TILES = 256
"""A field that would need more is brought to a smaller scale."""


@dataclass(frozen=True)
class TilePlan:
    """Where the tiles lie on the plane, and the plane on the field."""

    placement: Placement
    corners_px: tuple[tuple[int, int], ...]
    """Upper left corner (x, y) of each tile on the plane."""


def whole_field(field_px: tuple[int, int], contract: Contract) -> TilePlan:
    """One square that holds the whole field: the preprocessing contract as training knows it."""
    return TilePlan(placement_of(field_px, contract), ((0, 0),))


def plan_tiles(
    field_px: tuple[int, int], contract: Contract, step: float, overlap_px: int
) -> TilePlan:
    """Tiles for a field of which a pixel is to be `step` pixels of the plane; one square where that is enough.

    Neighbours share at least `overlap_px`. Where more than MAX_TILES were needed, the step is made smaller.
    """
    while True:
        inner = tuple(max(1, round(side * step)) for side in field_px)
        starts = [_starts(side, contract.input_px, overlap_px) for side in inner]
        if len(starts[0]) * len(starts[1]) <= MAX_TILES:
            break
        step *= 0.9
    plane = (starts[0][-1] + contract.input_px, starts[1][-1] + contract.input_px)
    offset = ((plane[0] - inner[0]) // 2, (plane[1] - inner[1]) // 2)
    placement = Placement(field_px, (inner[0], inner[1]), offset, contract.input_px, plane)
    return TilePlan(placement, tuple((x, y) for y in starts[1] for x in starts[0]))


def cut_tiles(field: NDArray[np.uint8], plan: TilePlan, contract: Contract) -> NDArray[np.uint8]:
    """The field uint8 [H, W, 3] as squares uint8 [T, S, S, 3], never stretched, padded as the contract says."""
    width, height = plan.placement.size_px
    plane = np.full((height, width, 3), contract.pad_value, np.uint8)
    plane[inner_of(plan.placement)] = resize_to(field, plan.placement.inner_px)
    side = contract.input_px
    if len(plan.corners_px) == 1:
        return plane[None]
    return np.stack([plane[y : y + side, x : x + side] for x, y in plan.corners_px])


def join_tiles(maps: NDArray[np.float32], plan: TilePlan) -> NDArray[np.float32]:
    """What the network gave for each tile, [T, C, h, w] at any resolution, as one plane [C, H, W] at the same."""
    if len(plan.corners_px) == 1:
        whole: NDArray[np.float32] = maps[0]
        return whole
    side = maps.shape[-1]
    weight, norm = _weights(plan, side)
    joined = np.zeros((maps.shape[1], *norm.shape), np.float32)
    for one, (x, y) in zip(maps, _corners(plan, side), strict=True):
        joined[:, y : y + side, x : x + side] += one * weight
    joined /= norm
    return joined


def _starts(inner_px: int, side_px: int, overlap_px: int) -> list[int]:
    """Where tiles begin along one side, evenly spread, at multiples of the pitch."""
    if inner_px <= side_px:
        return [0]
    stride = max(1, (side_px - overlap_px) // PITCH_PX)
    last = -(-(inner_px - side_px) // PITCH_PX)
    gaps = -(-last // stride)
    return [round(last * i / gaps) * PITCH_PX for i in range(gaps + 1)]


def _corners(plan: TilePlan, side: int) -> list[tuple[int, int]]:
    """Of the tiles on a plane whose tiles have `side` cells."""
    ratio = side / plan.placement.input_px
    return [(round(x * ratio), round(y * ratio)) for x, y in plan.corners_px]


@lru_cache(maxsize=16)
def _weights(plan: TilePlan, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of a tile's cells [side, side], and their sum over all tiles on the plane."""
    tent = np.minimum(np.arange(side), np.arange(side)[::-1]).astype(np.float32) + 1
    weight = np.minimum(tent[:, None], tent[None, :])
    corners = _corners(plan, side)
    norm = np.zeros((corners[-1][1] + side, corners[-1][0] + side), np.float32)
    for x, y in corners:
        norm[y : y + side, x : x + side] += weight
    return weight, norm
