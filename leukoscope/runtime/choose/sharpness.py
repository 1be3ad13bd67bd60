"""How sharp a frame is, whatever it shows: the Laplacian over the gradient, at the edges, without the noise's part.

Both grow alike with the number of cells, their contrast and the light, so their ratio is left with the width of the
edges: of an edge that is blurred by s pixels it is about 1 / s. Our choice among six measures (docs/choose.md).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.choose.reduced import GREEN

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORKING_PX = 1200
"""A wider frame is reduced by a whole factor first: the sensors of such cameras are finer than their optics."""
PATCHES = 3
"""So many patches across and down are looked at."""
PATCH_PX = 96
"""Side of a patch, pixels of the working size."""
MARGIN = 0.04
"""Share of the field at each border that no patch covers."""
FINE_PX = 0.8
"""Sigma of the blur before the derivatives."""
COARSE_PX = 2.5
"""Sigma of the blur at which edges are found, so that noise is none."""
FINE_TAPS, COARSE_TAPS = 5, 13
"""Sides of the two kernels."""
EDGE_FACTOR = 2.0
"""An edge is where the coarse gradient's square is so many times its mean: 10 to 15 % of a usual field."""
FLAT_FACTOR = 0.25
"""Where it is less than so many times its mean, the noise is measured."""
REACH_PX = 8
"""So much at a patch's borders is not used: the filters have looked beyond it."""
CLIPPED_LEVEL = 245
"""Brighter ground does not count there: a sensor that is full shows no noise."""
SIGNAL_SHARE = 0.5
"""Of the gradient's square on edges, what must be left without the noise, or there is no edge to be sharp: where
there is noise alone 0.32 are left, because edges were sought."""
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""Sees noise and neither planes nor straight edges (Immerkaer 1996)."""
NOISE_GAIN = 6.0
"""Its root of the sum of squares: what it makes of noise of sigma 1."""
LAPLACIAN_GAIN, GRADIENT_GAIN = 0.3707, 0.0732
"""Mean squares of the two derivatives for white noise of sigma 1, after the blur of FINE_PX (tests measure them)."""


@dataclass(frozen=True, eq=False)
class _Room:
    """Buffers for one size of mosaic."""

    mosaic: Plane
    """[P * side, P * side]: the patches side by side, as they lie in the field."""
    inner: Mask
    """Where the filters see one patch only."""
    size: int
    """How many pixels those are."""
    planes: tuple[Plane, Plane, Plane]
    masks: tuple[Mask, Mask]


class SharpnessMeter:
    """Measures frames one by one, in buffers that are made anew only for another size."""

    def __init__(self) -> None:
        self._room: _Room | None = None

    def __call__(self, pixels: NDArray[np.uint8]) -> float:
        """The sharpness of `pixels` [H, W, 3]: 0 without edges or under noise alone, 0.3 to 0.9 in focus."""
        factor, side, corners = _layout(pixels.shape[0], pixels.shape[1])
        if self._room is None or self._room.mosaic.shape[0] != PATCHES * side:
            self._room = _make_room(side)
        for (row, column), (top, left) in corners.items():
            patch = pixels[top : top + side * factor, left : left + side * factor]
            if factor > 1:
                patch = _reduced(patch, side)
            place = slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side)
            self._room.mosaic[place] = patch[..., GREEN]
        return _sharpness(self._room)


def _reduced(patch: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(patch, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _layout(height: int, width: int) -> tuple[int, int, dict[tuple[int, int], tuple[int, int]]]:
    """The whole factor of the reduction, the patches' side at the working size, their corners (top, left) by place."""
    factor = max(1, -(-max(height, width) // WORKING_PX))
    low = min(height, width)
    side = max(1, min(PATCH_PX, int(low * (1 - 2 * MARGIN)) // (PATCHES * factor)))
    tops, lefts = (
        [round(x) for x in np.linspace(MARGIN * n, n * (1 - MARGIN) - side * factor, PATCHES)]
        for n in (height, width)
    )
    places = product(range(PATCHES), repeat=2)
    return factor, side, {(row, column): (tops[row], lefts[column]) for row, column in places}


def _make_room(side: int) -> _Room:
    shape, reach = (PATCHES * side, PATCHES * side), min(REACH_PX, side // 4)
    inside = np.zeros(side, np.bool_)
    inside[reach : side - reach] = True
    line = np.tile(inside, PATCHES)
    inner = line[:, None] & line[None, :]
    planes = np.empty((4, *shape), np.float32)
    masks = np.empty((2, *shape), np.bool_)
    return _Room(
        planes[3],
        inner,
        int(inner.sum()),
        (planes[0], planes[1], planes[2]),
        (masks[0], masks[1]),
    )


def _sharpness(room: _Room) -> float:
    one, two, three = room.planes
    edges, flat = _edges_and_flat(room)
    if not edges.any():
        return 0.0
    variance = _noise_variance(room.mosaic, flat, one)
    cv2.GaussianBlur(room.mosaic, (FINE_TAPS, FINE_TAPS), FINE_PX, dst=one)
    _slopes(one, two, three)
    slope = _mean_square(two, edges) + _mean_square(three, edges)
    cv2.Laplacian(one, cv2.CV_32F, dst=two)
    bend = _mean_square(two, edges) - LAPLACIAN_GAIN * variance
    left = slope - GRADIENT_GAIN * variance
    return float(np.sqrt(max(0.0, bend) / left)) if left > SIGNAL_SHARE * slope else 0.0


def _edges_and_flat(room: _Room) -> tuple[Mask, Mask]:
    """Where the edges are, and where there is ground of one brightness."""
    coarse, two, three = room.planes
    edges, flat = room.masks
    cv2.GaussianBlur(room.mosaic, (COARSE_TAPS, COARSE_TAPS), COARSE_PX, dst=three)
    np.less(three, CLIPPED_LEVEL, out=flat)
    flat &= room.inner
    _slopes(three, coarse, two)
    cv2.multiply(coarse, coarse, dst=coarse)
    cv2.accumulateSquare(two, coarse)
    level = float(cv2.norm(coarse, cv2.NORM_L1, room.inner.view(np.uint8))) / max(1, room.size)
    spare = np.less(coarse, FLAT_FACTOR * level)
    flat &= spare
    np.greater(coarse, EDGE_FACTOR * level, out=edges)
    edges &= room.inner
    return edges, flat


def _slopes(plane: Plane, across: Plane, down: Plane) -> None:
    """The two derivatives of `plane`, grey levels a pixel."""
    cv2.Sobel(plane, cv2.CV_32F, 1, 0, dst=across, scale=0.125)
    cv2.Sobel(plane, cv2.CV_32F, 0, 1, dst=down, scale=0.125)


def _mean_square(plane: Plane, mask: Mask) -> float:
    # By a norm: cv2.mean under a mask takes longer than all the rest.
    seen = mask.view(np.uint8)
    return float(cv2.norm(plane, cv2.NORM_L2SQR, seen)) / max(1, cv2.countNonZero(seen))


def _noise_variance(mosaic: Plane, flat: Mask, spare: Plane) -> float:
    """Of the noise, grey levels squared, from the mean size of what the kernel sees on flat ground."""
    seen = flat.view(np.uint8)
    count = cv2.countNonZero(seen)
    if not count:
        return 0.0
    cv2.filter2D(mosaic, cv2.CV_32F, NOISE_KERNEL, dst=spare)
    sigma = cv2.norm(spare, cv2.NORM_L1, seen) / count * np.sqrt(np.pi / 2) / NOISE_GAIN
    return float(sigma**2)
