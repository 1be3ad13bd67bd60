"""What the map of the slide needs to go on where it was: the placed fields, in the order of their writing."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leukoscope.runtime.journal.values import real, whole
from leukoscope.runtime.slide.position import OnSlide

PAGE = 64
"""Fields read at once: no statement stays open while the caller works."""

FIELDS = """SELECT f.id, f.session, f.source, f.name, f.frame, f.width_px, f.height_px, f.flags,
    f.island, f.slide_x_px, f.slide_y_px, f.slide_px_per_px, f.certain, f.joined, t.picture
FROM fields f LEFT JOIN thumbnails t ON t.field = f.id
WHERE f.id > ? AND f.id <= ? AND f.island IS NOT NULL ORDER BY f.id LIMIT ?"""
CELLS = """SELECT field, slide_number, new, x_px, y_px, width_px, height_px, type, area_px
FROM cells WHERE field BETWEEN ? AND ? ORDER BY field, cell"""
SAME = "SELECT later, earlier FROM same_cells WHERE field = ? ORDER BY later, earlier"


@dataclass(frozen=True)
class PlacedField:
    """A field that lies on the map."""

    field: int
    """Its number in the journal; grows with the order of writing, whatever the clocks said."""
    session: int
    source: str
    name: str
    frame: int
    size_px: tuple[int, int]
    """Width, height."""
    flagged: bool
    on_slide: OnSlide
    boxes_px: tuple[tuple[int, int, int, int], ...]
    """x, y, width, height in the field, in the order of `on_slide.cell_numbers`."""
    types: tuple[str, ...]
    areas_px: tuple[int, ...]
    thumbnail: bytes | None
    """What `Journal.write` was given."""


def placed_fields(connection: sqlite3.Connection) -> Iterator[PlacedField]:
    """Those that are there at the first step, page by page. Raises sqlite3.Error, and `faults.BROKEN_ROW` for rows that are not ours."""
    last, end = 0, connection.execute("SELECT max(id) FROM fields").fetchone()[0]
    while rows := connection.execute(FIELDS, (last, end, PAGE)).fetchall():
        if [row[0] for row in rows] != sorted({row[0] for row in rows if row[0] > last}):
            raise ValueError("ids that do not grow")
        first, last = rows[0][0], rows[-1][0]
        cells: dict[int, list[tuple[object, ...]]] = {row[0]: [] for row in rows}
        for field, *cell in connection.execute(CELLS, (first, last)):
            if field in cells:
                cells[field].append(tuple(cell))
        for row in rows:
            same = connection.execute(SAME, (row[0],)).fetchall()
            yield _placed(row, cells[row[0]], same)


def _placed(
    row: tuple[Any, ...], cells: list[tuple[object, ...]], same: list[tuple[object, object]]
) -> PlacedField:
    field, session, source, name, frame, width, height, flags, *place, thumbnail = row
    island, x, y, scale, certain, joined = place
    return PlacedField(
        whole(field),
        whole(session),
        str(source),
        str(name),
        whole(frame),
        (whole(width), whole(height)),
        flags != "[]",
        OnSlide(
            whole(island),
            (real(x), real(y)),
            real(scale),
            bool(certain),
            tuple(whole(cell[0]) for cell in cells),
            tuple(bool(cell[1]) for cell in cells),
            tuple(whole(other) for other in json.loads(joined)),
            tuple((whole(later), whole(earlier)) for later, earlier in same),
        ),
        tuple((whole(cell[2]), whole(cell[3]), whole(cell[4]), whole(cell[5])) for cell in cells),
        tuple(str(cell[6]) for cell in cells),
        tuple(whole(cell[7]) for cell in cells),
        thumbnail if isinstance(thumbnail, bytes) else None,
    )
