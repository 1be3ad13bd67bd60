"""A network's plane laid on a part of the field only: what is left of `to_field` where single cells are wanted."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement, inner_of
from leukoscope.images.opencv import cv2

Window = tuple[slice, slice]
"""Rows and columns of a field."""


def lay_on_window(
    plane: NDArray[np.float32], placement: Placement, window: Window
) -> NDArray[np.float32]:
    """`plane` [C, h, w] at the network's full resolution -> [C, rows, columns] of the field's window.

    The same linear interpolation between pixel centres as `to_field`, the border repeated; OpenCV takes the
    coordinates to a thirty-second of a pixel.
    """
    size_px = _size(window)
    laid = np.empty((len(plane), size_px[1], size_px[0]), np.float32)
    inner = inner_of(placement)
    for values, target in zip(plane, laid, strict=True):
        _warp(values[inner], placement, window, cv2.INTER_LINEAR, target)
    return laid


def number_window(
    numbers: NDArray[np.uint16], placement: Placement, window: Window
) -> NDArray[np.uint16]:
    """`numbers` [h, w] of the field's part of the plane -> [rows, columns] of the window, the nearest one each."""
    size_px = _size(window)
    laid = np.empty((size_px[1], size_px[0]), np.uint16)
    _warp(numbers, placement, window, cv2.INTER_NEAREST, laid)
    return laid


def _size(window: Window) -> tuple[int, int]:
    return window[1].stop - window[1].start, window[0].stop - window[0].start


def _warp(
    source: NDArray[np.float32] | NDArray[np.uint16],
    placement: Placement,
    window: Window,
    method: int,
    target: NDArray[np.float32] | NDArray[np.uint16],
) -> None:
    ratio = [i / f for i, f in zip(placement.inner_px, placement.field_px, strict=True)]
    shift = [
        (start + 0.5) * step - 0.5
        for start, step in zip((window[1].start, window[0].start), ratio, strict=True)
    ]
    matrix = np.array([[ratio[0], 0, shift[0]], [0, ratio[1], shift[1]]])
    cv2.warpAffine(
        source,
        matrix,
        _size(window),
        dst=target,
        flags=method | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
