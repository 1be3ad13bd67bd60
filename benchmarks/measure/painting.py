"""White cells painted out, and everything but them: what a network says then, it does not say of the cells."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MARGIN = 0.03
"""By how much of the field's longer side a mask is widened before it is painted, so that no rim is left (our choice)."""
INPAINT_PX = 3
GROUND = (238, 236, 238)
"""One colour of an empty ground for all images: each one's own would give its slide away (our choice)."""
CELL = (120, 80, 160)
"""One colour of a white cell for all images (our choice)."""


def widened(cells: Image) -> Mask:
    """Mask [H, W] of 0, 1, 2 -> everything within MARGIN of a cell."""
    reach = max(1, round(MARGIN * max(cells.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    found: Mask = cv2.dilate((cells > 0).astype(np.uint8), disc) > 0
    return found


def without_cells(image: Image, cells: Image) -> Image:
    """The cells replaced by what surrounds them (Telea 2004, An image inpainting technique based on the fast marching method)."""
    where = widened(cells)
    if not where.any() or where.all():
        return image.copy()
    filled = cv2.inpaint(image, where.astype(np.uint8), INPAINT_PX, cv2.INPAINT_TELEA)
    return filled.astype(np.uint8, copy=False)


def only_cells(image: Image, cells: Image) -> Image:
    """The cells on one flat ground."""
    return np.where(widened(cells)[..., None], image, np.array(GROUND, np.uint8))


def silhouettes(image: Image, cells: Image) -> Image:
    """Nothing but where cells lie, how many and how large: one colour on one ground."""
    flat = np.where((cells > 0)[..., None], np.array(CELL, np.uint8), np.array(GROUND, np.uint8))
    return flat.astype(np.uint8, copy=False)


def nuclear_stain_left(image: Image, cells: Image) -> float | None:
    """Of the pixels at least as dark in red as half of the found nuclei's, the share that no painting covers.

    Low: few white cells were overlooked. None where no nucleus was found.
    """
    red, nucleus = image[..., 0], cells == 2
    if not nucleus.any():
        return None
    dark = red <= np.median(red[nucleus])
    return float((dark & ~widened(cells)).sum() / dark.sum())
