"""Views of a picture: a similarity or affine map from the field to the network's square, image and mask alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.stain_vectors import GIEMSA, Stains

Matrix = NDArray[np.float64]
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class View:
    """What of a picture is shown, in units of the field's pixels."""

    centre_px: tuple[float, float]
    side_px: float
    """Side of the field's square that fills the network's square."""
    turn: float = 0.0
    """Radians."""
    stretch: float = 1.0
    """Width over height of a mild distortion."""
    mirrored: bool = False
    reflected: bool = False
    """What lies outside the field: its mirror image, or white as the preprocessing contract pads."""


@dataclass(frozen=True)
class Sample:
    """A view as the network gets it, still uint8."""

    image: Image
    """[S, S, 3]"""
    mask: Image | None
    """[S, S] of 0, 1, 2; padding is background."""
    inside: Image
    """[S, S], 1 where the view shows the field and 0 where it is padding."""
    stains: Stains = GIEMSA


def take(picture: Picture, view: View, side_px: int) -> Sample:
    """Samples `view` of `picture` into a square of `side_px`, from the pyramid level that needs no anti-aliasing."""
    matrix = field_to_square(view, side_px)
    level = _level(view.side_px / side_px, len(picture.levels))
    border = cv2.BORDER_REFLECT if view.reflected else cv2.BORDER_CONSTANT
    image = cv2.warpAffine(
        picture.levels[level],
        (matrix @ _from_level(picture, level))[:2],
        (side_px, side_px),
        flags=cv2.INTER_LINEAR,
        borderMode=border,
        borderValue=WHITE,
    )
    mask = None
    if picture.mask is not None:
        mask = _nearest(picture.mask, matrix, side_px, border)
    width, height = picture.size_px
    inside = np.ones((side_px, side_px), np.uint8)
    if not view.reflected:
        inside = _nearest(np.ones((height, width), np.uint8), matrix, side_px, border)
    return Sample(image.astype(np.uint8, copy=False), mask, inside, picture.stains)


def field_to_square(view: View, side_px: int) -> Matrix:
    """3x3 matrix from the field's pixel coordinates to the square's, both counted from pixel centres."""
    scale = side_px / view.side_px
    cos, sin = np.cos(view.turn), np.sin(view.turn)
    turned = np.array([[cos, -sin], [sin, cos]]) @ np.diag([view.stretch**0.5, view.stretch**-0.5])
    if view.mirrored:
        turned = turned @ np.diag([-1.0, 1.0])
    matrix = np.eye(3)
    matrix[:2, :2] = turned * scale
    middle = (side_px - 1) / 2
    matrix[:2, 2] = middle - matrix[:2, :2] @ np.asarray(view.centre_px)
    return matrix


def whole(picture: Picture) -> View:
    """The view that the preprocessing contract shows: centred, aspect kept, padded to a square."""
    width, height = picture.size_px
    return View(((width - 1) / 2, (height - 1) / 2), float(max(width, height)))


def _nearest(values: Image, matrix: Matrix, side_px: int, border: int) -> Image:
    found = cv2.warpAffine(
        values, matrix[:2], (side_px, side_px), flags=cv2.INTER_NEAREST, borderMode=border
    )
    return found.astype(np.uint8, copy=False)


def _level(reduction: float, levels: int) -> int:
    """The coarsest level that still has a pixel for each output pixel."""
    return int(np.clip(np.floor(np.log2(max(reduction, 1.0)) + 0.25), 0, levels - 1))


def _from_level(picture: Picture, level: int) -> Matrix:
    """Level pixel coordinates -> field pixel coordinates (half-pixel aligned)."""
    height, width = picture.levels[0].shape[:2]
    low, wide = picture.levels[level].shape[:2]
    across, down = width / wide, height / low
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
