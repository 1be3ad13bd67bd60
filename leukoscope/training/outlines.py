"""Masks that the averaged network draws itself, for single-cell images whose cell nobody outlined.

Sets that come as a folder a type teach masks nothing, and masks then break on cells that only they hold: large granular
ones. So, now and then during the training, the averaged network outlines them, what is known of such images mends the
outline (one cell, in the middle, without holes or bites), and the images are shown as if people had drawn it. After the
mean teacher of Tarvainen and Valpola 2017, arXiv 1703.01780; the mending is our choice.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, place, to_field
from leukoscope.images.opencv import cv2
from leukoscope.models.network import Network
from leukoscope.training.pictures import Image, Picture, cells_of_mask
from leukoscope.training.predict import outputs

CELL_SHARE = 0.4
"""Probability of cell from which a pixel may belong to it."""
AREA_SHARES = (0.03, 0.85)
"""Of the image; a cell outside of these bounds is not believed."""
LEAST_CERTAINTY = 0.75
"""Mean probability of cell inside the outline."""
GREATEST_BITE = 1.25
"""A cell is made convex if that adds no more than a quarter; more, and it is no single round cell."""


def outlined(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[int, NDArray[np.uint8]]:
    """Masks [H, W] of 0, 1, 2 by the row of those `pictures` whose cell the network outlines credibly."""
    found: dict[int, NDArray[np.uint8]] = {}
    for start in range(0, len(pictures), 16):
        some = pictures[start : start + 16]
        placed = [place(picture.levels[0], contract) for picture in some]
        upright = [square for square, _ in placed]
        mirrored = [np.ascontiguousarray(square[:, ::-1]) for square in upright]
        shares = outputs(network, upright, ["mask"])["mask"].numpy()
        shares = (shares + outputs(network, mirrored, ["mask"])["mask"].numpy()[..., ::-1]) / 2
        for row, (share, (_, placement)) in enumerate(zip(shares, placed, strict=True), start):
            mask = mended(to_field(share, placement))
            if mask is not None:
                found[row] = mask
    return found


def with_outline(picture: Picture, mask: Image) -> Picture:
    """The picture with a mask that nobody drew."""
    return replace(picture, mask=mask, cells=cells_of_mask(mask, picture.target), drawn=False)


def mended(shares: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Probabilities [3, H, W] -> mask [H, W] of the one cell in the middle, or None where there is none to believe in."""
    cell = 1 - shares[0]
    height, width = cell.shape
    region = _closed((cell > CELL_SHARE).astype(np.uint8), round(0.03 * max(height, width)))
    middle = _in_the_middle(region, cell)
    if middle is None:
        return None
    outline = _rounded(middle)
    low, high = AREA_SHARES
    if not low <= outline.mean() <= high or cell[outline].mean() < LEAST_CERTAINTY:
        return None
    mask = outline.astype(np.uint8)
    mask[outline & (shares[2] > 0.5)] = 2
    return mask


def _closed(region: Image, reach_px: int) -> Image:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach_px + 1, 2 * reach_px + 1))
    opened = cv2.morphologyEx(region, cv2.MORPH_OPEN, kernel)
    return cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel).astype(np.uint8, copy=False)


def _in_the_middle(region: Image, cell: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """The connected piece with most probability near the middle."""
    count, labels = cv2.connectedComponents(region)
    if count < 2:
        return None
    height, width = region.shape
    down, across = np.ogrid[:height, :width]
    away = ((down / height - 0.5) ** 2 + (across / width - 0.5) ** 2) / 0.15**2
    weight = cell * np.exp(-away / 2)
    sums = np.bincount(labels.ravel(), weight.ravel(), count)
    piece: NDArray[np.bool_] = labels == 1 + int(sums[1:].argmax())
    return piece


def _rounded(piece: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without holes, and without bites if these are small."""
    outlines, _ = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outer = max(outlines, key=cv2.contourArea)
    filled = _drawn(outer, piece.shape)
    convex = _drawn(cv2.convexHull(outer), piece.shape)
    return convex if convex.sum() <= GREATEST_BITE * filled.sum() else filled


def _drawn(outline: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    canvas = np.zeros(shape, np.uint8)
    cv2.drawContours(canvas, [outline], -1, 1, thickness=cv2.FILLED)
    return canvas > 0
