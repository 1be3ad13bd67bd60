"""The mask drawn more finely by the cells' own crops, which the network has to see for their types in any case.

In a whole field a white cell is a few dozen pixels of the network's square; in its crop it fills half of it. So where a
crop lies, its probabilities count beside the field's: our choice, and no further inference. Nothing is drawn where no
crop lies: there is no cell.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement, to_field
from leukoscope.images.laying import Window, lay_on_window, number_window
from leukoscope.images.opencv import cv2
from leukoscope.runtime.crops import CropReading
from leukoscope.runtime.instances import Instance

CROP_WEIGHT = 2.0
"""Of a crop's probabilities beside the field's."""
BORDER_SHARE = 0.15
"""Of a crop's half side, over which its weight falls to nought: a cell cut there is seen worse than in the field."""


def refined_parts(
    plane: NDArray[np.float32], placement: Placement, crops: Sequence[CropReading]
) -> Iterator[tuple[Window, NDArray[np.uint8]]]:
    """Parts of the field that do not overlap, with their masks (0, 1, 2); together they hold all crops.

    `plane` [3, h, w] are the field's probabilities at the network's resolution.
    """
    for window, members in join_windows([crop.window for crop in crops]):
        yield window, _drawn(plane, placement, window, [crops[member] for member in members])


def _drawn(
    plane: NDArray[np.float32],
    placement: Placement,
    window: Window,
    crops: Sequence[CropReading],
) -> NDArray[np.uint8]:
    """The mask [rows, columns] of a part of the field. Background is what cytoplasm and nucleus leave of the whole."""
    cells = lay_on_window(plane[1:], placement, window)
    total = np.ones(cells.shape[1:], np.float32)
    for crop in crops:
        _add(cells, total, window, crop)
    return index_of(np.stack([total - cells[0] - cells[1], *cells]))


def index_of(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The likeliest of three classes, [3, h, w] -> [h, w]; the lower one where two are even."""
    background, cytoplasm, nucleus = (np.ascontiguousarray(one) for one in shares)
    cell = np.asarray(cv2.compare(cv2.max(cytoplasm, nucleus), background, cv2.CMP_GT), np.uint8)
    inside = np.asarray(cv2.compare(nucleus, cytoplasm, cv2.CMP_GT), np.uint8) & cell
    return (cell & 1) + (inside & 1)


def join_windows(windows: Sequence[Window]) -> list[tuple[Window, list[int]]]:
    """Rectangles that hold the windows and do not overlap, each with the numbers of its windows in their order."""
    joined: list[tuple[Window, list[int]]] = []
    for number, window in enumerate(windows):
        members = [number]
        while touching := [one for one in joined if _overlap(one[0], window)]:
            for one in touching:
                joined.remove(one)
                window = _around(one[0], window)  # noqa: PLW2901 (it grows)
                members += one[1]
        joined.append((window, sorted(members)))
    return joined


def first_seen(
    refined: Sequence[Instance],
    numbers: NDArray[np.uint16],
    placement: Placement,
    count: int,
) -> list[int | None]:
    """For each refined cell the number of the earlier cell that it is, None for a new one.

    `numbers` [h, w] holds the earlier cells, 1 to `count`, on the field's part of the plane. Where one has fallen into
    two, the larger goes on.
    """
    taken: set[int] = set()
    found: list[int | None] = []
    for cell in refined:
        here = number_window(numbers, placement, cell.window)
        counts = np.bincount(here[cell.region], minlength=count + 1)
        counts[0] = 0
        best = int(counts.argmax())
        known = counts[best] > 0 and best not in taken
        found.append(best if known else None)
        taken.add(best)
    return found


def _add(
    cells: NDArray[np.float32], total: NDArray[np.float32], window: Window, crop: CropReading
) -> None:
    """Adds a crop's probabilities of cytoplasm and nucleus, weighted, and the weights, to the part of the field that holds it."""
    top, left = window[0].start, window[1].start
    rows, columns = (
        slice(side.start - start, side.stop - start)
        for side, start in zip(crop.window, (top, left), strict=True)
    )
    weights = _taper((rows.stop - rows.start, columns.stop - columns.start))
    cells[:, rows, columns] += to_field(crop.mask[1:], crop.placement) * weights
    total[rows, columns] += weights


def _overlap(one: Window, other: Window) -> bool:
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _around(one: Window, other: Window) -> Window:
    rows, columns = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, columns


def _taper(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Weights [h, w] of a crop, nought at its border."""
    sides = [np.abs(np.arange(n, dtype=np.float32) - (n - 1) / 2) / (n / 2) for n in shape]
    from_middle = np.maximum(sides[0][:, None], sides[1][None, :])
    weights: NDArray[np.float32] = (1 - from_middle) * np.float32(CROP_WEIGHT / BORDER_SHARE)
    np.clip(weights, 0, CROP_WEIGHT, out=weights)
    return weights
