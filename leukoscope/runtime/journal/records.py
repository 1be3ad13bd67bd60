"""Rows of the journal as those who read it see them. Columns, units and ranges: `docs/journal.md`."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leukoscope.runtime.journal.values import (
    by_name,
    names,
    numbers,
    real,
    real_or_none,
    whole,
    whole_or_none,
    words,
    words_or_none,
)

PAGE = 256
"""Fields read at once: no statement stays open while the caller works."""

FIELDS = """SELECT id, session, source, name, frame, captured_wall_ns, captured_tick_ns, media_time_ns,
    frame_age_ms, width_px, height_px, stage, probability, probabilities, voter, head_stage, flags,
    um_per_px, scale_source, stop, island, slide_x_px, slide_y_px, certain, joined,
    evidence_network, evidence_class, evidence_method, evidence_on_cells
FROM fields WHERE id > ? ORDER BY id LIMIT ?"""
CELLS = """SELECT field, cell, slide_number, new,
    new AND NOT EXISTS (SELECT 1 FROM same_cells WHERE later = slide_number),
    x_px, y_px, width_px, height_px, type, probability, probabilities,
    area_px, area_um2, nc_ratio, roundness
FROM cells WHERE field BETWEEN ? AND ? ORDER BY field, cell"""
EVENTS = "SELECT id, session, at_wall_ns, at_tick_ns, state, detail FROM events ORDER BY id"
STOPS = """SELECT id, session, name, frame, captured_wall_ns, captured_tick_ns, media_time_ns, stop, cause
FROM skipped_stops ORDER BY id"""


@dataclass(frozen=True)
class FieldRow:
    """A field as the machine judged it."""

    id: int
    session: int
    source: str
    name: str
    frame: int
    captured_wall_ns: int
    captured_tick_ns: int
    media_time_ns: int | None
    frame_age_ms: float
    size_px: tuple[int, int]
    """Width, height."""
    stage: str | None
    probability: float | None
    probabilities: Mapping[str, float | None]
    voter: str | None
    head_stage: str | None
    flags: tuple[str, ...]
    um_per_px: float | None
    scale_source: str
    stop: int | None
    island: int | None
    slide_xy_px: tuple[float, float] | None
    certain: bool | None
    joined: tuple[int, ...]
    """Islands that this field showed to be parts of `island`."""
    evidence_network: str | None
    evidence_class: str | None
    evidence_method: str | None
    evidence_on_cells: float | None


@dataclass(frozen=True)
class CellRow:
    """A cell as one field shows it, and as the machine typed it."""

    field: int
    cell: int
    slide_number: int | None
    new: bool
    counted: bool
    """Whether it stands for its cell in the count of the slide: in the view `slide_cells`."""
    box_px: tuple[int, int, int, int]
    type: str
    probability: float | None
    probabilities: Mapping[str, float | None]
    area_px: int
    area_um2: float | None
    nc_ratio: float | None
    roundness: float | None


@dataclass(frozen=True)
class EventRow:
    """A change of the source's state (`state` is None for a line of the run itself)."""

    id: int
    session: int
    at_wall_ns: int
    at_tick_ns: int
    state: str | None
    detail: str


@dataclass(frozen=True)
class StopRow:
    """A stop of the stage that gave no field."""

    id: int
    session: int
    name: str
    frame: int
    captured_wall_ns: int
    captured_tick_ns: int
    media_time_ns: int | None
    stop: int | None
    cause: str


def field_rows(
    connection: sqlite3.Connection, after: int = 0, limit: int | None = None
) -> Iterator[FieldRow]:
    """Fields whose id is greater than `after`, in order, `limit` at most; page by page."""
    left = limit
    while left is None or left > 0:
        page = PAGE if left is None else min(PAGE, left)
        rows = connection.execute(FIELDS, (after, page)).fetchall()
        for row in rows:
            yield _field(row)
        if len(rows) < page:
            return
        after = whole(rows[-1][0])
        left = None if left is None else left - page


def cell_rows(connection: sqlite3.Connection, first: int, last: int) -> Iterator[CellRow]:
    """All cells of the fields from `first` to `last`."""
    for row in connection.execute(CELLS, (first, last)).fetchall():
        yield _cell(row)


def event_rows(connection: sqlite3.Connection) -> Iterator[EventRow]:
    """In order."""
    for number, session, wall, tick, state, detail in connection.execute(EVENTS).fetchall():
        yield EventRow(
            whole(number),
            whole(session),
            whole(wall),
            whole(tick),
            words_or_none(state),
            words(detail),
        )


def stop_rows(connection: sqlite3.Connection) -> Iterator[StopRow]:
    """In order."""
    for number, session, name, frame, wall, tick, media, stop, cause in connection.execute(
        STOPS
    ).fetchall():
        yield StopRow(
            whole(number),
            whole(session),
            words(name),
            whole(frame),
            whole(wall),
            whole(tick),
            whole_or_none(media),
            whole_or_none(stop),
            words(cause),
        )


def _field(row: tuple[Any, ...]) -> FieldRow:
    number, session, source, name, frame, wall, tick, media, age, width, height, *rest = row
    stage, probability, probabilities, voter, head_stage, flags, *rest = rest
    um_per_px, scale_source, stop, island, x, y, certain, joined, *evidence = rest
    network, class_name, method, on_cells = evidence
    return FieldRow(
        whole(number),
        whole(session),
        words(source),
        words(name),
        whole(frame),
        whole(wall),
        whole(tick),
        whole_or_none(media),
        real(age),
        (whole(width), whole(height)),
        words_or_none(stage),
        real_or_none(probability),
        by_name(probabilities),
        words_or_none(voter),
        words_or_none(head_stage),
        names(flags),
        real_or_none(um_per_px),
        words(scale_source),
        whole_or_none(stop),
        whole_or_none(island),
        None if island is None else (real(x), real(y)),
        None if certain is None else bool(certain),
        () if joined is None else numbers(joined),
        words_or_none(network),
        words_or_none(class_name),
        words_or_none(method),
        real_or_none(on_cells),
    )


def _cell(row: tuple[Any, ...]) -> CellRow:
    field, cell, slide_number, new, counted, x, y, width, height, *rest = row
    kind, probability, probabilities, area_px, area_um2, nc_ratio, roundness = rest
    return CellRow(
        whole(field),
        whole(cell),
        whole_or_none(slide_number),
        bool(new),
        bool(counted),
        (whole(x), whole(y), whole(width), whole(height)),
        words(kind),
        real_or_none(probability),
        by_name(probabilities),
        whole(area_px),
        real_or_none(area_um2),
        real_or_none(nc_ratio),
        real_or_none(roundness),
    )
