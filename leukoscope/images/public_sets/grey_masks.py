"""Masks as sets publish them, in three grey levels of their own choice, to 0, 128 and 255."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.classes import MASK_CODES
from leukoscope.images.decode import read_image
from leukoscope.images.opencv import cv2

USUAL_SHARE = 0.5
"""A level is one of the set's where this share of its masks has it (our choice)."""


@dataclass(frozen=True)
class Levels:
    """The grey levels by which a set writes background, cytoplasm and nucleus."""

    background: int
    cytoplasm: int
    nucleus: int


def find_levels(masks: Iterable[Path]) -> Levels:
    """The three levels that the set's masks have in common, from dark to light.

    InputError where there are fewer (a mask of one structure would teach that the other is background) or more
    (a mask that was resized or compressed). Masks that cannot be read do not count.
    """
    counts: Counter[int] = Counter()
    readable, first = 0, None
    for path in masks:
        first = first or path
        try:
            counts.update(np.unique(read_grey(path)).tolist())
        except InputError:
            continue
        readable += 1
    usual = sorted(level for level, n in counts.items() if n >= USUAL_SHARE * readable)
    if len(usual) != 3:
        listed = ", ".join(map(str, usual[:6])) or "none"
        raise InputError(
            f"{readable} masks such as {first} have the grey levels {listed} in common",
            wanted="three: background, cytoplasm, nucleus, from dark to light",
            next_step="convert without the masks",
        )
    return Levels(*usual)


def read_grey(path: Path) -> NDArray[np.uint8]:
    """A mask's levels [H, W]; InputError for a file that is no image, or has colours."""
    pixels = read_image(path)
    if (pixels != pixels[:, :, :1]).any():
        raise InputError(f"mask {path} has colours", wanted="grey levels")
    return np.ascontiguousarray(pixels[:, :, 0])


def coded_mask(
    path: Path, levels: Levels, size_px: tuple[int, int], margin_px: int
) -> NDArray[np.uint8]:
    """The mask in our grey levels at its image's size (width, height).

    A mask that is smaller by `margin_px` on each side gets that margin as background. InputError for another
    size, or another level.
    """
    grey = read_grey(path)
    lacking = (size_px[0] - grey.shape[1], size_px[1] - grey.shape[0])
    if lacking not in ((0, 0), (2 * margin_px, 2 * margin_px)):
        raise InputError(
            f"mask {path} is {grey.shape[1]} x {grey.shape[0]} px",
            wanted=f"its image's size, {size_px[0]} x {size_px[1]} px",
        )
    return np.pad(_coded(grey, levels, path), lacking[0] // 2)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Grey [H, W] or RGB [H, W, 3] as the bytes of a PNG file."""
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    data: bytes = cv2.imencode(".png", stored)[1].tobytes()
    return data


def _coded(grey: NDArray[np.uint8], levels: Levels, path: Path) -> NDArray[np.uint8]:
    ours = dict(zip((levels.background, levels.cytoplasm, levels.nucleus), MASK_CODES, strict=True))
    present = np.unique(grey).tolist()
    if strange := [level for level in present if level not in ours]:
        raise InputError(f"mask {path} has the grey level {strange[0]}", wanted=f"{levels}")
    table = np.zeros(256, np.uint8)
    table[list(ours)] = list(ours.values())
    return table[grey]
