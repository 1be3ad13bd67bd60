"""scikit-image's way from a mask to measured cells, after its gallery's page on the watershed."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.measure import label, regionprops
from skimage.morphology import remove_small_objects
from skimage.segmentation import watershed

from cell_ways.found import FoundCell


def find_cells(mask: NDArray[np.uint8], least_px: float, apart_px: int) -> list[FoundCell]:
    """The same as ours gives; `apart_px` is the least distance between two cells' middles, which it must be told."""
    cells = remove_small_objects(mask > 0, max_size=int(least_px) - 1)
    cells = ndimage.binary_fill_holes(cells)
    depth = ndimage.distance_transform_edt(cells)
    peaks = peak_local_max(depth, min_distance=apart_px, labels=label(cells), exclude_border=False)
    markers = np.zeros(mask.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    labels = watershed(-depth, markers, mask=cells)
    return [_measured(one, mask) for one in regionprops(labels) if one.area >= least_px]


def _measured(one: object, mask: NDArray[np.uint8]) -> FoundCell:
    region, window = one.image, one.slice  # type: ignore[attr-defined]
    indices = mask[window][region]
    nucleus, cytoplasm = int((indices == 2).sum()), int((indices == 1).sum())
    around = one.perimeter  # type: ignore[attr-defined]
    area = int(one.area)  # type: ignore[attr-defined]
    return FoundCell(
        window,
        region,
        area,
        nucleus / cytoplasm if cytoplasm else None,
        min(1.0, 4 * math.pi * area / around**2) if around else 0.0,
    )
