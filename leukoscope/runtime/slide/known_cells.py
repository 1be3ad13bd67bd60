"""The cells of the slide that were seen, each with its number and its best sighting."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.slide.album import Window
from leukoscope.runtime.slide.same_cell import Boxes, likeness, pair_off

CUT_PX = 1.0
"""A box that comes so close to its field's border, map pixels, may be cut by it."""
CHUNK = 256
"""Rows compared at once when islands join: memory stays flat however many cells they have."""


class KnownCells:
    """One row a cell, in the order of its number; an island's rows go when it can be reached no more."""

    def __init__(self) -> None:
        self.numbers: NDArray[np.int64] = np.zeros(0, np.int64)
        self.islands: NDArray[np.int64] = np.zeros(0, np.int64)
        self.boxes: Boxes = np.zeros((0, 4))
        self.seen: Boxes = np.zeros((0, 4))

    def recognise(self, boxes: Boxes, window: Window, island: int) -> dict[int, int]:
        """For the boxes [n, 4] of a field that are known cells of the island: index of the box to number."""
        left, top, right, bottom = window
        near = np.flatnonzero(
            (self.islands == island)
            & (self.boxes[:, 0] < right)
            & (self.boxes[:, 2] > left)
            & (self.boxes[:, 1] < bottom)
            & (self.boxes[:, 3] > top)
        )
        seen = np.tile(np.array(window), (len(boxes), 1))
        scores = likeness(boxes, seen, self.boxes[near], self.seen[near])
        return {row: int(self.numbers[near[column]]) for row, column in pair_off(scores)}

    def record(self, numbers: Sequence[int], boxes: Boxes, window: Window, island: int) -> None:
        """Enters a field's cells: rows for new numbers; a better sighting takes the place of the one that was."""
        for number, box in zip(numbers, boxes, strict=True):
            row = self._row(number)
            if row is None:
                continue
            if _better(box, np.array(window), self.boxes[row], self.seen[row]):
                self.boxes[row], self.seen[row] = box, window
        fresh = [i for i, number in enumerate(numbers) if self._row(number) is None]
        self.numbers = np.append(self.numbers, np.asarray(numbers, np.int64)[fresh])
        self.islands = np.append(self.islands, np.full(len(fresh), island))
        self.boxes = np.append(self.boxes, boxes[fresh], axis=0)
        self.seen = np.append(self.seen, np.tile(np.array(window), (len(fresh), 1)), axis=0)
        if (np.diff(self.numbers) < 0).any():  # after a field whose thumbnail was not kept
            self._keep(np.argsort(self.numbers))

    def move(self, island: int, to: int, shift_px: tuple[float, float]) -> None:
        """Makes an island a part of another, `shift_px` (x, y) away."""
        rows = self.islands == island
        self.islands[rows] = to
        self.boxes[rows] += np.tile(shift_px, 2)
        self.seen[rows] += np.tile(shift_px, 2)

    def alike(
        self, island: int, other: int, shift_px: tuple[float, float]
    ) -> list[tuple[int, int]]:
        """(later, earlier) numbers of cells that both islands hold when `other` is moved by `shift_px` onto `island`."""
        ours, theirs = np.flatnonzero(self.islands == island), np.flatnonzero(self.islands == other)
        shift = np.tile(shift_px, 2)
        scores: dict[tuple[int, int], float] = {}
        for start in range(0, len(theirs), CHUNK):
            part = theirs[start : start + CHUNK]
            found = likeness(
                self.boxes[part] + shift, self.seen[part] + shift, self.boxes[ours], self.seen[ours]
            )
            for row, column in np.argwhere(found).tolist():
                scores[int(part[row]), int(ours[column])] = float(found[row, column])
        return _pairs(scores, self.numbers)

    def unite(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Makes one cell of each pair (later, earlier); the better sighting stays."""
        gone = []
        for later, earlier in pairs:
            drop, keep = self._row(later), self._row(earlier)
            if drop is None or keep is None:  # of a field whose thumbnail was not kept
                continue
            if _better(self.boxes[drop], self.seen[drop], self.boxes[keep], self.seen[keep]):
                self.boxes[keep], self.seen[keep] = self.boxes[drop], self.seen[drop]
            gone.append(drop)
        self._keep(~np.isin(np.arange(len(self.numbers)), gone))

    def forget(self, island: int) -> None:
        """Drops an island's cells."""
        self._keep(self.islands != island)

    def _row(self, number: int) -> int | None:
        row = int(np.searchsorted(self.numbers, number))
        return row if row < len(self.numbers) and self.numbers[row] == number else None

    def _keep(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> None:
        self.numbers, self.islands = self.numbers[rows], self.islands[rows]
        self.boxes, self.seen = self.boxes[rows], self.seen[rows]


def _pairs(
    scores: dict[tuple[int, int], float], numbers: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """One-to-one by score, as (later, earlier) numbers."""
    if not scores:
        return []
    rows, row_of = np.unique([row for row, _ in scores], return_inverse=True)
    columns, column_of = np.unique([column for _, column in scores], return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    table[row_of, column_of] = list(scores.values())
    found = [(int(numbers[rows[a]]), int(numbers[columns[b]])) for a, b in pair_off(table)]
    return sorted((max(pair), min(pair)) for pair in found)


def _better(
    box: NDArray[np.float64],
    seen: NDArray[np.float64],
    known: NDArray[np.float64],
    known_seen: NDArray[np.float64],
) -> bool:
    """Whether a sighting tells more: whole rather than cut; of two whole ones the later, of two cut ones the larger."""
    cut, known_cut = _is_cut(box, seen), _is_cut(known, known_seen)
    if cut != known_cut:
        return known_cut
    return not cut or bool(_area(box) > _area(known))


def _is_cut(box: NDArray[np.float64], seen: NDArray[np.float64]) -> bool:
    return bool((box[:2] - seen[:2] < CUT_PX).any() or (seen[2:] - box[2:] < CUT_PX).any())


def _area(box: NDArray[np.float64]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
