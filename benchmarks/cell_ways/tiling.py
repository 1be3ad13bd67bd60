"""Cutting a field into squares and joining maps, without the runtime: NumPy, and scikit-image to resize."""

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

from leukoscope.images.tiles import TilePlan


def cut_plainly(
    field: NDArray[np.uint8], plan: TilePlan, input_px: int, pad_value: int
) -> NDArray[np.uint8]:
    """[H, W, 3] -> [T, S, S, 3], where the plan has them."""
    width, height = plan.placement.inner_px
    if (height, width) == field.shape[:2]:
        inner = field
    else:
        smaller = resize(field, (height, width), order=1, anti_aliasing=True, preserve_range=True)
        inner = np.rint(smaller).astype(np.uint8)
    (x, y), (plane_width, plane_height) = plan.placement.offset_px, plan.placement.size_px
    around = ((y, plane_height - y - height), (x, plane_width - x - width), (0, 0))
    plane = np.pad(inner, around, constant_values=pad_value)
    return np.stack([plane[y : y + input_px, x : x + input_px] for x, y in plan.corners_px])


def join_plainly(maps: NDArray[np.float32], plan: TilePlan) -> NDArray[np.float32]:
    """[T, C, S, S] at the input's resolution -> [C, H, W]: the weighted mean where squares overlap."""
    side, (width, height) = maps.shape[-1], plan.placement.size_px
    rows, columns = np.indices((side, side))
    edge = np.minimum.reduce([rows, columns, side - 1 - rows, side - 1 - columns]) + 1
    total = np.zeros((maps.shape[1], height, width), np.float32)
    weight = np.zeros((height, width), np.float32)
    for one, (x, y) in zip(maps, plan.corners_px, strict=True):
        total[:, y : y + side, x : x + side] += one * edge.astype(np.float32)
        weight[y : y + side, x : x + side] += edge
    joined: NDArray[np.float32] = total / weight
    return joined
