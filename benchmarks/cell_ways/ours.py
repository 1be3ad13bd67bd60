"""The runtime's way from a mask to measured cells."""

import numpy as np
from numpy.typing import NDArray

from cell_ways.found import FoundCell
from leukoscope.runtime.instances import find_instances
from leukoscope.runtime.shape import nucleus_ratio, roundness


def find_cells(mask: NDArray[np.uint8], least_px: float) -> list[FoundCell]:
    """`mask` [H, W] of 0, 1, 2 -> its cells of at least `least_px` pixels."""
    return [
        FoundCell(
            one.window,
            one.region,
            int(one.region.sum()),
            nucleus_ratio(np.where(one.region, mask[one.window], 0)),
            roundness(one.region),
        )
        for one in find_instances(mask, least_px)
    ]
