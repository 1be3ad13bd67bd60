"""Squares about annotated cells, for sets that mark cells in fields."""

import numpy as np
from numpy.typing import NDArray


def cut_square(
    pixels: NDArray[np.uint8], centre_px: tuple[int, int], side_px: int
) -> NDArray[np.uint8] | None:
    """The square of `side_px` about x, y, clipped to the field; None where the centre lies outside.

    What is clipped is padded when the picture is placed by the preprocessing contract, as the stream's crops are.
    """
    x, y = centre_px
    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        return None
    left, top = x - side_px // 2, y - side_px // 2
    rows = slice(max(0, top), min(height, top + side_px))
    return np.ascontiguousarray(pixels[rows, max(0, left) : min(width, left + side_px)])
