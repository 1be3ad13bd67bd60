"""The pictures by which a place is recognised: the newest MAX_PAGES, each with its place.

A page keeps its JPEG (about 12 kB) and its coarse spectrum (16 kB); detail and fine spectrum (0.45 MB) are made
again from the JPEG when they are wanted, and the last RECENT are kept.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from leukoscope.runtime.slide.picture import Picture, picture_of
from leukoscope.runtime.slide.spectrum import Tile, correlation
from leukoscope.runtime.slide.thumbnail import decode

MAX_PAGES = 2000
"""More pictures are not kept: the oldest goes first. About 60 MB."""
RECENT = 24
"""Pictures kept ready, about 11 MB."""

Window = tuple[float, float, float, float]


@dataclass(eq=False)
class Page:
    """One field's picture and place."""

    island: int
    corner_px: tuple[float, float]
    """Map pixels; moves when islands join."""
    size_px: tuple[int, int]
    """Of the picture."""
    jpeg: bytes
    coarse: Tile | None = None


class Album:
    """Pages by the field's number, oldest first."""

    def __init__(self, max_pages: int = MAX_PAGES) -> None:
        self.max_pages = max_pages
        self.pages: OrderedDict[int, Page] = OrderedDict()
        self._ready: OrderedDict[int, Picture] = OrderedDict()

    def add(self, number: int, page: Page, picture: Picture | None = None) -> Page | None:
        """Puts a page at the end; returns the one that had to go."""
        self.pages[number] = page
        if picture is not None:
            page.coarse = picture.coarse
            self._keep_ready(number, picture)
        if len(self.pages) <= self.max_pages:
            return None
        oldest, gone = self.pages.popitem(last=False)
        self._ready.pop(oldest, None)
        return gone

    def picture(self, number: int) -> Picture:
        """Of a page, made again where it is not at hand."""
        ready = self._ready.get(number)
        if ready is None:
            made = picture_of(decode(self.pages[number].jpeg))
            assert made is not None  # only fields with enough to see have a page
            ready = made
        self._keep_ready(number, ready)
        return ready

    def holds(self, island: int) -> bool:
        """Whether any page shows the island."""
        return any(page.island == island for page in self.pages.values())

    def move(self, island: int, to: int, shift_px: tuple[float, float]) -> None:
        """Makes an island a part of another, `shift_px` (x, y) away."""
        for page in self.pages.values():
            if page.island == island:
                x, y = page.corner_px
                page.island, page.corner_px = to, (x + shift_px[0], y + shift_px[1])

    def overlaps(self, island: int, window: Window) -> list[tuple[float, int]]:
        """(overlap of the smaller picture, number) of the island's pages under `window`, the greatest overlap first."""
        chosen = [(n, p) for n, p in self.pages.items() if p.island == island]
        if not chosen:
            return []
        corners = np.array([page.corner_px for _, page in chosen])
        sizes = np.array([page.size_px for _, page in chosen], float)
        low = np.maximum(corners, window[:2])
        high = np.minimum(corners + sizes, window[2:])
        area = np.clip(high - low, 0, None).prod(1)
        mine = (window[2] - window[0]) * (window[3] - window[1])
        share = area / np.minimum(sizes.prod(1), mine)
        order = np.argsort(-share, kind="stable")
        return [(float(share[i]), chosen[i][0]) for i in order if share[i] > 0]

    def resembling(
        self, picture: Picture, *, without_island: int | None, passed_over: set[int], count: int
    ) -> list[int]:
        """Numbers of the `count` pages whose coarse correlation with the picture peaks highest, best first."""
        heights = [
            (float(correlation(self._coarse(number), picture.coarse).max()), number)
            for number, page in self.pages.items()
            if page.island != without_island and number not in passed_over
        ]
        return [number for _, number in sorted(heights, reverse=True)[:count]]

    def _coarse(self, number: int) -> Tile:
        page = self.pages[number]
        if page.coarse is None:
            page.coarse = self.picture(number).coarse
        return page.coarse

    def _keep_ready(self, number: int, picture: Picture) -> None:
        self._ready[number] = picture
        self._ready.move_to_end(number)
        if len(self._ready) > RECENT:
            self._ready.popitem(last=False)
