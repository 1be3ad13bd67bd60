"""The pictures by which a place is recognised: the newest of them, each with its place.

A page keeps its JPEG (about 10 kB) and its coarse spectrum (16 kB); detail and fine spectrum (0.45 MB) are made
again from the JPEG when they are wanted, and the last RECENT are kept.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.slide.picture import Picture, picture_of
from leukoscope.runtime.slide.spectrum import Tile, correlation
from leukoscope.runtime.slide.thumbnail import decode

MAX_PAGES = 2000
"""More pictures are not kept: the oldest goes first. About 55 MB."""
RECENT = 24
"""Pictures kept ready, about 11 MB."""

Window = tuple[float, float, float, float]
"""Left, top, right, bottom, map pixels."""


@dataclass(frozen=True)
class Place:
    """Where a field's picture lies."""

    island: int
    corner_px: tuple[float, float]
    """Map pixels, x and y."""
    size_px: tuple[int, int]
    """Of the picture."""


@dataclass(eq=False)
class _Page:
    jpeg: bytes
    coarse: Tile


class Album:
    """Pictures by their field's number, which only grows; the oldest first."""

    def __init__(self, max_pages: int = MAX_PAGES) -> None:
        self.max_pages = max_pages
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._ready: OrderedDict[int, Picture] = OrderedDict()
        # A row a page, in the order of `_pages`: number, island | corner, size.
        self._numbers: NDArray[np.int64] = np.zeros((0, 2), np.int64)
        self._places: NDArray[np.float64] = np.zeros((0, 4))

    def __contains__(self, number: int) -> bool:
        return number in self._pages

    def __len__(self) -> int:
        return len(self._pages)

    def add(self, number: int, place: Place, jpeg: bytes, picture: Picture) -> int | None:
        """Puts a picture at the end; returns the island of the one that had to go for it."""
        self._pages[number] = _Page(jpeg, picture.coarse)
        self._keep_ready(number, picture)
        self._numbers = np.append(self._numbers, [[number, place.island]], axis=0)
        self._places = np.append(self._places, [[*place.corner_px, *place.size_px]], axis=0)
        if len(self._pages) <= self.max_pages:
            return None
        oldest, _ = self._pages.popitem(last=False)
        self._ready.pop(oldest, None)
        island = int(self._numbers[0, 1])
        self._numbers, self._places = self._numbers[1:], self._places[1:]
        return island

    def place(self, number: int) -> Place:
        """Of the picture."""
        row = int(np.searchsorted(self._numbers[:, 0], number))
        x, y, width, height = self._places[row].tolist()
        return Place(int(self._numbers[row, 1]), (x, y), (int(width), int(height)))

    def picture(self, number: int) -> Picture:
        """Made again from its JPEG where it is not at hand."""
        ready = self._ready.get(number)
        if ready is None:
            ready = picture_of(decode(self._pages[number].jpeg))
            assert ready is not None  # only fields with enough to see are kept
        self._keep_ready(number, ready)
        return ready

    def holds(self, island: int) -> bool:
        """Whether any picture shows the island."""
        return bool((self._numbers[:, 1] == island).any())

    def move(self, island: int, to: int, shift_px: tuple[float, float]) -> None:
        """Makes an island a part of another, `shift_px` (x, y) away."""
        rows = self._numbers[:, 1] == island
        self._numbers[rows, 1] = to
        self._places[rows, :2] += shift_px

    def overlaps(self, island: int, window: Window) -> list[tuple[float, int]]:
        """(share of the smaller area, number) of the island's pictures under `window`, the greatest share first."""
        rows = np.flatnonzero(self._numbers[:, 1] == island)
        corners, sizes = self._places[rows, :2], self._places[rows, 2:]
        low, high = np.maximum(corners, window[:2]), np.minimum(corners + sizes, window[2:])
        area = np.clip(high - low, 0, None).prod(1)
        mine = (window[2] - window[0]) * (window[3] - window[1])
        share = area / np.minimum(sizes.prod(1), mine)
        order = np.argsort(-share, kind="stable")
        return [(float(share[i]), int(self._numbers[rows[i], 0])) for i in order if share[i] > 0]

    def nearest(self, number: int, count: int) -> list[int]:
        """The pictures of the same island whose corners lie closest to that of `number`, and under one side away."""
        row = int(np.searchsorted(self._numbers[:, 0], number))
        apart = np.abs(self._places[:, :2] - self._places[row, :2]) / self._places[row, 2:]
        distance = np.where(self._numbers[:, 1] == self._numbers[row, 1], apart.max(1), np.inf)
        distance[row] = np.inf
        order = np.argsort(distance, kind="stable")[:count]
        return [int(self._numbers[i, 0]) for i in order if distance[i] < 1]

    def resembling(self, picture: Picture, count: int, *, among: Collection[int]) -> list[int]:
        """The `count` pictures whose coarse correlation with `picture` peaks highest, best first."""
        heights = [
            (float(correlation(self._pages[number].coarse, picture.coarse).max()), number)
            for number in among
        ]
        return [number for _, number in sorted(heights, reverse=True)[:count]]

    def numbers(self, *, but_island: int | None = None) -> list[int]:
        """Of all pictures, or of those of other islands, the oldest first."""
        if but_island is None:
            return list(self._pages)
        found: list[int] = self._numbers[self._numbers[:, 1] != but_island, 0].tolist()
        return found

    def _keep_ready(self, number: int, picture: Picture) -> None:
        self._ready[number] = picture
        self._ready.move_to_end(number)
        if len(self._ready) > RECENT:
            self._ready.popitem(last=False)
