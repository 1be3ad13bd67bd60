"""The mask drawn more finely by the cells' own crops, which the network has to see for their types in any case.

In a whole field a white cell is a few dozen pixels of the network's square; in its crop it fills half of it. So where a
crop lies, its probabilities count beside the field's: our choice, and no further inference.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import to_field
from leukoscope.runtime.crops import CropReading
from leukoscope.runtime.instances import Instance

CROP_WEIGHT = 2.0
"""Of a crop's probabilities beside the field's."""
BORDER_SHARE = 0.15
"""Of a crop's half side, over which its weight falls to nought: a cell cut there is seen worse than in the field."""


def refine_mask(mask: NDArray[np.uint8], shares: NDArray[np.float32], crop: CropReading) -> None:
    """Redraws `mask` [H, W] where the crop lies. `shares` [3, H, W], the field's probabilities, are added to in place."""
    here = shares[:, crop.window[0], crop.window[1]]
    here += to_field(crop.mask, crop.placement) * _taper(here.shape[1:])
    mask[crop.window] = here.argmax(axis=0)


def first_seen(
    refined: Sequence[Instance], instances: NDArray[np.uint16], count: int
) -> list[int | None]:
    """For each refined cell the number of the earlier cell that it is, None for a new one.

    `instances` [H, W] holds the earlier cells, 1 to `count`. Where one has fallen into two, the larger goes on.
    """
    taken: set[int] = set()
    found: list[int | None] = []
    for cell in refined:
        numbers = np.bincount(instances[cell.window][cell.region], minlength=count + 1)
        numbers[0] = 0
        best = int(numbers.argmax())
        known = numbers[best] > 0 and best not in taken
        found.append(best if known else None)
        taken.add(best)
    return found


def _taper(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Weights [h, w] of a crop, nought at its border."""
    height, width = shape
    down, across = np.ogrid[:height, :width]
    from_middle = np.maximum(
        np.abs(down - (height - 1) / 2) / (height / 2),
        np.abs(across - (width - 1) / 2) / (width / 2),
    )
    weights = CROP_WEIGHT * np.clip((1 - from_middle) / BORDER_SHARE, 0, 1)
    return weights.astype(np.float32)
