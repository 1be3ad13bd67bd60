"""The map of the slide: lays each field on those before it, and knows which cells were counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.field import Cell
from leukoscope.runtime.slide.album import MAX_PAGES, Album, Place, Window
from leukoscope.runtime.slide.known_cells import KnownCells
from leukoscope.runtime.slide.picture import Picture, picture_of, reduce
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.slide.ruler import Proposal, Ruler
from leukoscope.runtime.slide.same_cell import Boxes
from leukoscope.runtime.slide.seek import Search, Spot
from leukoscope.runtime.slide.thumbnail import (
    Join,
    Notes,
    Remembered,
    decode,
    encode,
    notes_of,
    with_notes,
)


@dataclass(frozen=True, eq=False)
class _Try:
    """A field at one scale, and where it was found."""

    proposal: Proposal
    jpeg: bytes
    size_px: tuple[int, int]
    """Of the picture."""
    picture: Picture | None
    spots: list[Spot]
    doubted: bool


class SlideMap:
    """Called by one thread, a field at a time, in order of capture."""

    def __init__(self, *, max_pages: int = MAX_PAGES) -> None:
        self._album = Album(max_pages)
        self._cells = KnownCells()
        self._ruler = Ruler()
        self._scales: dict[int, float] = {}
        self._merged: dict[int, int] = {}
        self._fields = self._islands = self._numbers = 0
        self._forgot = False
        self._thumbnail: bytes | None = None

    def counted(self) -> int:
        """Different cells seen on the slide so far: numbers given less those that turned out to be another's."""
        return self._numbers - len(self._merged)

    @property
    def merged(self) -> Mapping[int, int]:
        """Numbers that turned out to be another cell's: later to earlier; the earlier may itself be a key."""
        return MappingProxyType(self._merged)

    def thumbnail(self) -> bytes:
        """The JPEG of the field just placed, grey, 256 px, with what `restore` needs in its comment: 5 to 20 kB.

        UsageError before the first field.
        """
        if self._thumbnail is None:
            raise UsageError(
                "no field was placed", wanted="a thumbnail of one", next_step="place a field first"
            )
        return self._thumbnail

    def place(
        self, pixels: NDArray[np.uint8], cells: Sequence[Cell], *, um_per_px: float | None = None
    ) -> OnSlide:
        """Where the field [H, W, 3] RGB lies and which of its cells are new. What was placed before stays where it is."""
        size_px = pixels.shape[1], pixels.shape[0]
        tried = self._look(pixels, size_px, um_per_px)
        certain = self._is_certain(tried)
        island, corner, joins, same = self._land(tried)
        scale = tried.proposal.picture_px_per_px
        boxes = _map_boxes([cell.box_px for cell in cells], corner, scale)
        window = _window(corner, size_px, scale)
        numbers, new = self._number(boxes, window, island)
        on_slide = OnSlide(
            island,
            (corner[0] / self._scales[island], corner[1] / self._scales[island]),
            scale / self._scales[island],
            certain,
            numbers,
            new,
            tuple(join.island for join in joins),
            same,
        )
        notes = Notes(corner, scale, um_per_px, joins, same)
        self._thumbnail = with_notes(tried.jpeg, notes)
        self._enter(on_slide, boxes, notes, size_px, tried)
        return on_slide

    def restore(self, entries: Iterable[Remembered]) -> None:
        """Puts an empty map where it was after these fields, all of one slide, in the order in which they were placed.

        UsageError where the map is not empty, InputError for thumbnails that are not this map's.
        """
        if self._fields:
            raise UsageError(
                f"the map already holds {self._fields} fields",
                wanted="an empty one",
                next_step="restore before the first field is placed",
            )
        for entry in entries:
            self._recall(entry)

    def _look(
        self, pixels: NDArray[np.uint8], size_px: tuple[int, int], um_per_px: float | None
    ) -> _Try:
        """The field at the first scale at which it finds its place, else at the likeliest."""
        tries: list[_Try] = []
        for proposal in self._ruler.propose(size_px, um_per_px):
            grey = reduce(pixels, proposal.picture_px_per_px)
            jpeg = encode(grey)
            # The decoded JPEG, not the picture itself: a restored map has nothing else.
            picture = picture_of(decode(jpeg))
            spots, doubted = self._seek(picture)
            tries.append(
                _Try(proposal, jpeg, (grey.shape[1], grey.shape[0]), picture, spots, doubted)
            )
            if spots:
                return tries[-1]
        return tries[0]

    def _seek(self, picture: Picture | None) -> tuple[list[Spot], bool]:
        if picture is None:
            return [], False
        last = self._fields if self._fields in self._album else None
        search = Search(self._album, picture, last, self._fields)
        spots = search.spots()
        return spots, bool(search.doubted)

    def _is_certain(self, tried: _Try) -> bool:
        """Whether the field's place is proven, or it surely lies on no other field."""
        if tried.doubted:
            return False
        if tried.spots or not self._fields:
            return True
        return tried.picture is not None and tried.proposal.comparable and not self._forgot

    def _land(
        self, tried: _Try
    ) -> tuple[int, tuple[float, float], tuple[Join, ...], tuple[tuple[int, int], ...]]:
        """The island, the corner on it, and the islands that the field joins to it, with their common cells."""
        if not tried.spots:
            self._islands += 1
            self._scales[self._islands] = tried.proposal.picture_px_per_px
            return self._islands, (0.0, 0.0), (), ()
        home, *others = tried.spots
        joins: list[Join] = []
        same: list[tuple[int, int]] = []
        for spot in others:
            shift = tuple(a - b for a, b in zip(home.corner_px, spot.corner_px, strict=True))
            join = Join(spot.island, (shift[0], shift[1]))
            pairs = tuple(self._cells.alike(home.island, spot.island, join.shift_px))
            self._join(home.island, join, pairs)
            joins.append(join)
            same.extend(pairs)
        return home.island, home.corner_px, tuple(joins), tuple(same)

    def _join(self, island: int, join: Join, pairs: Sequence[tuple[int, int]]) -> None:
        self._album.move(join.island, island, join.shift_px)
        self._cells.move(join.island, island, join.shift_px)
        self._cells.unite(pairs)
        self._merged.update(pairs)
        self._scales.pop(join.island, None)

    def _number(
        self, boxes: Boxes, window: Window, island: int
    ) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """For each box its number, and whether it is new."""
        known = self._cells.recognise(boxes, window, island)
        fresh = iter(range(self._numbers + 1, self._numbers + 1 + len(boxes)))
        numbers = tuple(known[i] if i in known else next(fresh) for i in range(len(boxes)))
        return numbers, tuple(i not in known for i in range(len(boxes)))

    def _enter(
        self,
        on_slide: OnSlide,
        boxes: Boxes,
        notes: Notes,
        size_px: tuple[int, int],
        tried: _Try,
    ) -> None:
        """Takes the field into the map; what a restored map does with what the journal kept."""
        self._fields += 1
        self._numbers = max(self._numbers, *on_slide.cell_numbers, 0)
        self._ruler.note(size_px, notes.um_per_px, notes.picture_px_per_px)
        if tried.picture is None:
            self._scales.pop(on_slide.island, None)
            return
        window = _window(notes.corner_px, size_px, notes.picture_px_per_px)
        self._cells.record(on_slide.cell_numbers, boxes, window, on_slide.island)
        place = Place(on_slide.island, notes.corner_px, tried.size_px)
        left = self._album.add(self._fields, place, tried.jpeg, tried.picture)
        self._forgot |= left is not None
        if left is not None and not self._album.holds(left):
            self._cells.forget(left)
            self._scales.pop(left, None)

    def _recall(self, entry: Remembered) -> None:
        """Takes one field of the journal into the map, as `place` did."""
        on_slide = entry.on_slide
        self._islands = max(self._islands, on_slide.island)
        if entry.thumbnail is None:
            # Its numbers are taken; its place can be recognised no more.
            self._fields += 1
            self._numbers = max(self._numbers, *on_slide.cell_numbers, 0)
            self._forgot = True
            return
        if len(entry.boxes_px) != len(on_slide.cell_numbers):
            raise InputError(
                f"a field in the journal has {len(entry.boxes_px)} boxes and {len(on_slide.cell_numbers)} numbers",
                wanted="one number a cell",
                next_step="start a new slide id: the map of this one cannot be continued",
            )
        grey, notes = decode(entry.thumbnail), notes_of(entry.thumbnail)
        for join in notes.joins:
            self._join(on_slide.island, join, ())
        self._cells.unite(notes.same_cells)
        self._merged.update(notes.same_cells)
        scale = notes.picture_px_per_px
        self._scales.setdefault(on_slide.island, scale / on_slide.px_per_field_px)
        size_px = grey.shape[1], grey.shape[0]
        tried = _Try(Proposal(scale, True), entry.thumbnail, size_px, picture_of(grey), [], False)
        boxes = _map_boxes(entry.boxes_px, notes.corner_px, scale)
        self._enter(on_slide, boxes, notes, entry.size_px, tried)


def _map_boxes(
    boxes_px: Sequence[tuple[int, int, int, int]], corner: tuple[float, float], scale: float
) -> Boxes:
    """[n, 4] left, top, right, bottom on the map."""
    found = np.asarray(boxes_px, float).reshape(-1, 4)
    found[:, 2:] += found[:, :2]
    boxes: Boxes = found * scale + np.tile(corner, 2)
    return boxes


def _window(corner: tuple[float, float], size_px: tuple[int, int], scale: float) -> Window:
    x, y = corner
    return x, y, x + size_px[0] * scale, y + size_px[1] * scale
