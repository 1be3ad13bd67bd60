"""Where a picture lies on the map: the last field first, then its surroundings, then the whole map."""

from dataclasses import dataclass, field

import numpy as np

from leukoscope.runtime.slide.album import Album
from leukoscope.runtime.slide.match import Match, register, register_near
from leukoscope.runtime.slide.picture import Picture

NEAR_FIELDS = 3
"""Fields around the last one that are tried when the last one fails."""
GLOBAL_FIELDS = 5
"""Fields of the whole map that are looked at closely: those that resemble most on the coarse search."""
OTHER_FIELDS = 2
"""The same among other islands, when the field's own island is known."""
OTHERS_SEARCHED = 250
"""Fields of other islands that one field is compared with when its own island is known; of more every second, third... in turn."""
NEIGHBOURS = 3
"""Fields under the found place that must agree; more of them bind the map closer and cost more."""
TOLERANCE_PX = 4.0
"""How far two neighbours' words on a place may differ, picture pixels: an eighth of a white cell of 32."""
CLEAR_OVERLAP, CLEAR_EVIDENCE, CLEARLY_NOT = 0.3, 4.0, 0.25
"""A neighbour under at least this share, with so much to see, that agrees by less, speaks against the place."""


@dataclass(frozen=True)
class Spot:
    """A place on an island."""

    island: int
    corner_px: tuple[float, float]
    """Map pixels, x and y."""
    weight: float


@dataclass(eq=False)
class Search:
    """One picture's search through the album."""

    album: Album
    picture: Picture
    last: int | None
    """The number of the field before, if it has a page."""
    turn: int
    """Counts the searches: which part of a large map's other islands is looked through."""
    tried: dict[int, Match | None] = field(default_factory=dict)
    doubted: set[int] = field(default_factory=set)
    """Islands on which the picture possibly lies, without proof."""

    def spots(self) -> list[Spot]:
        """A place on every island on which the picture surely lies, the oldest island first."""
        found: dict[int, Spot] = {}
        anchor = self._first_proven(self._around_last())
        if anchor is not None:
            self._settle(anchor, found)
        own = self.album.place(anchor).island if anchor is not None and found else None
        wanted = GLOBAL_FIELDS if own is None else OTHER_FIELDS
        for number in self.album.resembling(self.picture, wanted, among=self._elsewhere(own)):
            if self.album.place(number).island not in found and self._try(number):
                self._settle(number, found)
        self.doubted -= set(found)
        return [found[island] for island in sorted(found)]

    def _elsewhere(self, own: int | None) -> list[int]:
        """All that is left where no place was found; else a part of the other islands, another one each time."""
        if own is None:
            return [number for number in self.album.numbers() if number not in self.tried]
        others = self.album.numbers(but_island=own)
        parts = -(-len(others) // OTHERS_SEARCHED)
        return others[self.turn % parts :: parts] if parts else []

    def _around_last(self) -> list[int]:
        """The last field, then those of its island that lie closest to it."""
        if self.last is None:
            return []
        return [self.last, *self.album.nearest(self.last, NEAR_FIELDS)]

    def _first_proven(self, numbers: list[int]) -> int | None:
        return next((number for number in numbers if self._try(number)), None)

    def _try(self, number: int) -> bool:
        """Registers with a page wherever it lies; whether it is proven."""
        match = register(self.album.picture(number), self.picture)
        self.tried[number] = match
        if match is not None and match.possible:
            self.doubted.add(self.album.place(number).island)
        return match is not None and match.proven

    def _settle(self, anchor: int, found: dict[int, Spot]) -> None:
        """Asks the fields under the anchor's place and enters the spot, unless they speak against it."""
        page, match = self.album.place(anchor), self.tried[anchor]
        assert match is not None
        words = [_word(page.corner_px, match)]
        corner, against = np.array(words[0][:2]), 0
        height, width = self.picture.detail.shape
        window = (corner[0], corner[1], corner[0] + width, corner[1] + height)
        neighbours = [
            (share, n) for share, n in self.album.overlaps(page.island, window) if n != anchor
        ]
        for share, number in neighbours[:NEIGHBOURS]:
            at = self.album.place(number).corner_px
            near = register_near(self.album.picture(number), self.picture, tuple(corner - at))
            if near is not None and near.proven:
                words.append(_word(at, near))
            against += _speaks_against(near, share)
        if against < len(words):
            found[page.island] = _agreed(page.island, words)


Word = tuple[float, float, float]
"""x, y of the picture's corner by one neighbour, map pixels, and its weight."""


def _word(corner_px: tuple[float, float], match: Match) -> Word:
    x, y = corner_px
    weight = match.overlap * match.agreement.block_ncc
    return x + match.shift_px[0], y + match.shift_px[1], weight


def _speaks_against(match: Match | None, share: float) -> bool:
    if match is None or share < CLEAR_OVERLAP:
        return False
    found = match.agreement
    return found.evidence_blocks >= CLEAR_EVIDENCE and found.block_ncc < CLEARLY_NOT


def _agreed(island: int, words: list[Word]) -> Spot:
    """The weighted mean (least squares) of the neighbours' words that lie near their weighted median."""
    table = np.array(words)
    middle = np.array([_median(table[:, axis], table[:, 2]) for axis in (0, 1)])
    near = np.abs(table[:, :2] - middle).max(1) <= TOLERANCE_PX
    kept = table[near] if near.any() else table[:1]
    x, y = np.average(kept[:, :2], axis=0, weights=kept[:, 2])
    return Spot(island, (float(x), float(y)), float(kept[:, 2].sum()))


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
