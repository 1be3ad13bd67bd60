"""What a run counted on a virtual slide, cell by cell, against what is there."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.field import Result
from leukoscope.runtime.sources.slide_truth import SlideTruth

NO_CELL = "other"
"""A type that is no white cell: counted by itself."""
LEAST_COMMON = 0.5
"""A found cell is the true one that it shares most pixels with, if these are at least so much of the smaller of the two."""


@dataclass(frozen=True)
class FoundCell:
    """A cell of one field."""

    number: int
    """On the slide, as the run numbered it."""
    new: bool
    type: str
    id: int | None
    """Of the true cell; None where there is none."""


@dataclass(frozen=True)
class FoundField:
    """A field as the run judged it, each cell with the true one."""

    frame: int
    """Along the path."""
    cells: tuple[FoundCell, ...]
    certain: bool
    """Where it lies."""
    same: tuple[tuple[int, int], ...]
    """Numbers, later and earlier, that it showed to be one cell's."""


def match(truth: SlideTruth, result: Result, frame: int) -> FoundField:
    """A result that lies on the map and has instances, with the number of its frame along the path."""
    assert result.on_slide is not None and result.instances is not None
    place = result.on_slide
    ids = _ids(truth.plane(frame), result.instances, len(result.cells))
    cells = zip(place.cell_numbers, place.new, result.cells, ids, strict=True)
    found = (FoundCell(number, new, cell.type, id) for number, new, cell, id in cells)
    return FoundField(frame, tuple(found), place.certain, place.same_cells)


def _ids(there: NDArray[np.uint16], instances: NDArray[np.uint16], count: int) -> list[int | None]:
    """For each instance the id of the true cell below it."""
    whole = np.bincount(there.ravel())
    ids: list[int | None] = []
    for number in range(1, count + 1):
        below = np.bincount(there[instances == number], minlength=1)
        area = int(below.sum())
        below[0] = 0
        best = int(below.argmax())
        smaller = min(area, int(whole[best]))
        ids.append(best if best and below[best] >= LEAST_COMMON * smaller else None)
    return ids


def figures(truth: SlideTruth, fields: Sequence[FoundField]) -> dict[str, Any]:
    """The count and its errors."""
    merged = dict(pair for field in fields for pair in field.same)
    seen = truth.unique(field.frame for field in fields)
    white, ids = _by_number(fields, merged)
    known = {number: found for number, found in ids.items() if number in white}
    numbers_of = Counter(id for found in known.values() for id in found)
    counted_ids = set(numbers_of)
    cut = sum(bool(found) and not found & seen for found in known.values())
    return {
        "fields": len(fields),
        "true": len(seen),
        "counted": len(white),
        "deviation": _share(len(white) - len(seen), len(seen)),
        "counted_cut": cut,
        "deviation_without_cut": _share(len(white) - cut - len(seen), len(seen)),
        "missed": len(seen - counted_ids),
        "twice": sum(count - 1 for count in numbers_of.values()),
        "two_in_one": sum(len(found) > 1 for found in known.values()),
        "no_cell": sum(not found for found in known.values()),
        "possible_repeats": sum(not field.certain for field in fields),
        **_in_fields(truth, fields),
    }


def _by_number(
    fields: Sequence[FoundField], merged: Mapping[int, int]
) -> tuple[set[int], dict[int, set[int]]]:
    """Numbers of white cells (by the type at first sight), and the true cells that each number was seen on."""
    white: set[int] = set()
    ids: dict[int, set[int]] = defaultdict(set)
    for cell in (cell for field in fields for cell in field.cells):
        number = cell.number
        while number in merged:
            number = merged[number]
        if cell.new and cell.type != NO_CELL and number == cell.number:
            white.add(number)
        ids[number].update(() if cell.id is None else (cell.id,))
    return white, ids


def _in_fields(truth: SlideTruth, fields: Sequence[FoundField]) -> dict[str, Any]:
    """Field by field, before anything is laid on the map: a cell that shows to less than half is neither right nor wrong."""
    hits = misses = false = 0
    for field in fields:
        seen = truth.seen(field.frame)
        found = Counter(cell.id for cell in field.cells if cell.type != NO_CELL)
        nowhere = found.pop(None, 0)
        hits += len(seen & found.keys())
        misses += len(seen - found.keys())
        false += nowhere + sum(count - 1 for count in found.values())
    return {
        "seen_in_fields": hits + misses,
        "recall_in_fields": _share(hits, hits + misses),
        "precision_in_fields": _share(hits, hits + false),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
