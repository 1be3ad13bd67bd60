"""From a result to the rows of its field. NULL where a value is undefined, never NaN."""

import json
import math
from collections.abc import Mapping
from typing import Any

from leukoscope.runtime.choose.choice import Quality
from leukoscope.runtime.field import Cell, Evidence, Frame, Result

DECIMALS = 6
Row = tuple[Any, ...]

FIELD_COLUMNS: tuple[str, ...] = (
    *("session", "scope", "source", "name", "frame"),
    *("captured_wall_ns", "captured_tick_ns", "media_time_ns", "frame_age_ms"),
    *("width_px", "height_px"),
    *("stage", "probability", "probabilities", "voter", "head_stage", "flags"),
    *("um_per_px", "scale_source", "red_cell_px", "stop", "quality"),
    *("island", "slide_x_px", "slide_y_px", "slide_px_per_px", "certain", "joined"),
    *("evidence_network", "evidence_class", "evidence_method", "evidence_on_cells"),
)
CELL_COLUMNS: tuple[str, ...] = (
    *("field", "cell", "slide_number", "new", "x_px", "y_px", "width_px", "height_px"),
    *("type", "probability", "probabilities", "area_px", "area_um2", "nc_ratio", "roundness"),
)
SAME_COLUMNS: tuple[str, ...] = ("later", "earlier", "field")
STOP_COLUMNS: tuple[str, ...] = (
    *("session", "scope", "source", "name", "frame"),
    *("captured_wall_ns", "captured_tick_ns", "media_time_ns", "stop", "cause", "quality"),
)


def insert(table: str, columns: tuple[str, ...], or_what: str = "") -> str:
    """The statement that adds one row; `or_what` as in INSERT OR IGNORE."""
    marks = ", ".join("?" * len(columns))
    return f"INSERT {or_what} INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def field_row(session: int, scope: int, result: Result) -> Row:
    """By FIELD_COLUMNS."""
    return (
        session,
        *_frame_row(scope, result.frame),
        number(result.frame_age_ms) or 0.0,
        *result.frame.size_px,
        *_vote_row(result),
        *_scale_row(result.frame),
        *_choice_row(result.frame),
        *_place_row(result),
        *_evidence_row(result.evidence),
    )


def cell_rows(field: int, result: Result) -> list[Row]:
    """By CELL_COLUMNS, in the order of the field's cells; without a map of the slide every cell is new."""
    place, um_per_px = result.on_slide, result.frame.scale.um_per_px
    rows = []
    for index, cell in enumerate(result.cells):
        slide_number = None if place is None else int(place.cell_numbers[index])
        new = place is None or place.new[index]
        rows.append((field, index, slide_number, int(new), *_cell_row(cell, um_per_px)))
    return rows


def same_rows(field: int, result: Result) -> list[Row]:
    """By SAME_COLUMNS: numbers of the slide that this field showed to be one cell."""
    pairs = () if result.on_slide is None else result.on_slide.same_cells
    return [(int(later), int(earlier), field) for later, earlier in pairs]


def stop_row(session: int, scope: int, frame: Frame) -> Row:
    """By STOP_COLUMNS. ValueError for a frame that was taken: it is no skipped stop."""
    if frame.choice is None or frame.choice.cause is None:
        raise ValueError(f"frame {frame.name} was not skipped")
    stop, quality = _choice_row(frame)
    return (session, *_frame_row(scope, frame), stop, frame.choice.cause, quality)


def number(value: float | None) -> float | None:
    """Rounded to DECIMALS; None where it is not finite."""
    return round(float(value), DECIMALS) if value is not None and math.isfinite(value) else None


def text(words: str) -> str:
    """Fit for a column: what is no UTF-8 in a file's name is written as its escape."""
    return words.encode("utf-8", "backslashreplace").decode()


def _frame_row(scope: int, frame: Frame) -> Row:
    return (
        scope,
        text(frame.source),
        text(frame.name),
        frame.index,
        frame.captured_at_ns,
        frame.captured_tick_ns,
        frame.media_time_ns,
    )


def _vote_row(result: Result) -> Row:
    vote, flags = result.vote, json.dumps(result.flags)
    if vote is None:
        return (None, None, "{}", None, None, flags)
    return (
        vote.stage,
        number(vote.probabilities[vote.stage]),
        _by_name(vote.probabilities),
        vote.voter,
        vote.head_stage,
        flags,
    )


def _scale_row(frame: Frame) -> Row:
    scale = frame.scale
    return number(scale.um_per_px), scale.source, number(scale.red_cell_px)


def _choice_row(frame: Frame) -> Row:
    choice = frame.choice
    if choice is None:
        return (None, None)
    return choice.stop, None if choice.quality is None else _quality(choice.quality)


def _quality(quality: Quality) -> str:
    return json.dumps({name: number(value) for name, value in vars(quality).items()})


def _place_row(result: Result) -> Row:
    place = result.on_slide
    if place is None:
        return (None,) * 6
    x, y = place.position_px
    scale = float(place.px_per_field_px)
    joined = json.dumps([int(island) for island in place.joined])
    return (int(place.island), float(x), float(y), scale, int(place.certain), joined)


def _evidence_row(evidence: Evidence | None) -> Row:
    if evidence is None:
        return (None,) * 4
    on_cells = number(evidence.on_cells)
    return (evidence.network, evidence.class_name, evidence.method, on_cells)


def _cell_row(cell: Cell, um_per_px: float | None) -> Row:
    area_um2 = None if um_per_px is None else cell.area_px * um_per_px**2
    return (
        *(int(value) for value in cell.box_px),
        cell.type,
        number(cell.probability),
        _by_name(cell.probabilities),
        int(cell.area_px),
        number(area_um2),
        number(cell.nc_ratio),
        number(cell.roundness),
    )


def _by_name(probabilities: Mapping[str, float]) -> str:
    return json.dumps({name: number(value) for name, value in probabilities.items()})
