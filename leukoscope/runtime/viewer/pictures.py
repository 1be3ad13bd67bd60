"""A field's picture, mask and maps as a browser shows them: files in memory."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.classes import MASK_CODES
from leukoscope.images.contract import resize_to, to_field
from leukoscope.images.opencv import cv2
from leukoscope.runtime.explain import lay_on_field
from leukoscope.runtime.field import Evidence, Result, TreeMaps

LONGEST_PX = 1280
"""Larger fields are shown smaller: no screen beside a microscope has more, and every byte is encoded while fields come."""
JPEG_QUALITY = 88
PNG_LEVEL = 1
"""The quickest: it is read once, over a short line."""
MIDDLE, REACH = 128, 127
"""Of a signed map: the grey of zero, and how many levels lie on either side."""


def shown_px(size_px: tuple[int, int]) -> tuple[int, int]:
    """Width and height at which a field is shown."""
    longest = max(size_px)
    if longest <= LONGEST_PX:
        return size_px
    width, height = (max(1, round(side * LONGEST_PX / longest)) for side in size_px)
    return width, height


def picture_jpeg(result: Result) -> bytes:
    """The field, longer side at most LONGEST_PX."""
    size = shown_px(result.frame.size_px)
    shown = resize_to(result.frame.pixels, size).astype(np.uint8, copy=False)
    bgr = cv2.cvtColor(shown, cv2.COLOR_RGB2BGR)
    return _file(".jpg", bgr, cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)


def mask_png(mask: NDArray[np.uint8]) -> bytes:
    """Grey levels 0, 128, 255 at the picture's size; nothing between them."""
    size = shown_px((mask.shape[1], mask.shape[0]))
    codes = np.array(MASK_CODES, np.uint8)[mask]
    return _png(cv2.resize(codes, size, interpolation=cv2.INTER_NEAREST))


def evidence_for(result: Result, network: str, class_name: str, trees: TreeMaps | None) -> Evidence:
    """The map of any class: Grad-CAM, or that of `trees`."""
    return lay_on_field(result.readings[network], network, class_name, None, trees)


def heat_png(evidence: Evidence) -> bytes:
    """Grey, half the picture's size: a map is smooth, the browser enlarges it.

    Grad-CAM 0 to 255 is 0 to `high`; a signed map 1 to 255 is -high to high, and 128 is zero.
    """
    width, height = (max(1, side // 2) for side in shown_px(evidence.placement.field_px))
    laid = to_field(evidence.grid, replace(evidence.placement, field_px=(width, height)))
    heat = laid / evidence.high if evidence.high > 0 else np.zeros_like(laid)
    if evidence.trees is None:
        return _png(np.round(np.clip(heat, 0, 1) * 255).astype(np.uint8))
    return _png((MIDDLE + np.round(np.clip(heat, -1, 1) * REACH)).astype(np.uint8))


def _png(grey: NDArray[Any]) -> bytes:
    return _file(".png", grey, cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL)


def _file(ending: str, pixels: NDArray[Any], setting: int, value: int) -> bytes:
    data: bytes = cv2.imencode(ending, pixels, [setting, value])[1].tobytes()
    return data
