"""The columns of the two tables: one row a field, one row a cell as a field shows it.

Units are in the names (`area_um2`), as in the journal. What the machine said and what people said are in columns apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.slide_report.contents import (
    NUCLEATED_OTHER,
    CellAnswer,
    FieldAnswer,
    Slide,
)

INTEGER, REAL, TRUTH, TEXT, MOMENT = "integer", "real", "truth", "text", "moment"
"""Kinds: a truth is 0 or 1, so that it can be summed; a moment is nanoseconds since 1970."""

Row = TypeVar("Row", FieldAnswer, CellAnswer)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column; `value` gives None where a row has none."""

    name: str
    kind: str
    unit: str
    what: str
    value: Callable[[Row], Any]


def field_columns(slide: Slide) -> tuple[Column[FieldAnswer], ...]:
    """Of `fields.csv` and `fields.parquet`."""
    return (
        Column("field", INTEGER, "", "id in the journal", lambda one: one.row.id),
        Column("session", INTEGER, "", "run", lambda one: one.row.session),
        Column("name", TEXT, "", "name in the outputs", lambda one: one.row.name),
        Column("source", TEXT, "", "where it comes from", lambda one: one.row.source),
        Column("frame", INTEGER, "", "number in the run, from 0", lambda one: one.row.frame),
        Column("captured_at_utc", MOMENT, "", "wall clock", lambda one: one.row.captured_wall_ns),
        Column("media_time_s", REAL, "s", "on a recording's own clock", _media_time),
        Column("frame_age_ms", REAL, "ms", "from capture to result", lambda one: one.row.frame_age_ms),
        Column("width_px", INTEGER, "px", "of the field", lambda one: one.row.size_px[0]),
        Column("height_px", INTEGER, "px", "of the field", lambda one: one.row.size_px[1]),
        Column("um_per_px", REAL, "um/px", "scale", lambda one: one.row.um_per_px),
        Column("scale_source", TEXT, "", "given, red_cells, unknown", lambda one: one.row.scale_source),
        Column("stop", INTEGER, "", "stop of the stage, from 0", lambda one: one.row.stop),
        Column("island", INTEGER, "", "group of fields that overlap", lambda one: one.row.island),
        Column("slide_x_px", REAL, "px", "upper left corner on its island", lambda one: _place(one, 0)),
        Column("slide_y_px", REAL, "px", "upper left corner on its island", lambda one: _place(one, 1)),
        Column("group", TEXT, "", "by which intervals were drawn", lambda one: one.group),
        Column("machine_stage", TEXT, "", "the vote", lambda one: one.row.stage),
        Column("machine_probability", REAL, "1", "of the vote", lambda one: one.row.probability),
        *(_stage_probability(stage) for stage in slide.stages),
        Column("machine_voter", TEXT, "", "trees or head", lambda one: one.row.voter),
        Column("machine_head_stage", TEXT, "", "what the head says", lambda one: one.row.head_stage),
        Column("machine_flags", TEXT, "", "apart by spaces", lambda one: " ".join(one.row.flags)),
        Column("map_share_on_cells", REAL, "1", "share of the map's energy", lambda one: one.row.evidence_on_cells),
        Column("machine_counts", TRUTH, "", "counts for its stage", lambda one: one.machine is not None),
        *_reviewed("stage"),
        Column("after_review_stage", TEXT, "", "for which it counts", lambda one: one.reviewed),
        Column("after_review_counts", TRUTH, "", "counts for a stage", lambda one: one.reviewed is not None),
    )  # fmt: skip


def cell_columns(slide: Slide) -> tuple[Column[CellAnswer], ...]:
    """Of `cells.csv` and `cells.parquet`."""
    return (
        Column("field", INTEGER, "", "id in the journal", lambda one: one.row.field),
        Column("cell", INTEGER, "", "number in the field, from 0", lambda one: one.row.cell),
        Column("slide_number", INTEGER, "", "the same number is the same cell", lambda one: one.row.slide_number),
        Column("new", TRUTH, "", "in the first field that shows it", lambda one: one.row.new),
        Column("x_px", INTEGER, "px", "box in the field, left", lambda one: one.row.box_px[0]),
        Column("y_px", INTEGER, "px", "box in the field, top", lambda one: one.row.box_px[1]),
        Column("width_px", INTEGER, "px", "of the box", lambda one: one.row.box_px[2]),
        Column("height_px", INTEGER, "px", "of the box", lambda one: one.row.box_px[3]),
        Column("area_px", INTEGER, "px", "pixels of the mask", lambda one: one.row.area_px),
        Column("area_um2", REAL, "um2", "where the scale is known", lambda one: one.row.area_um2),
        Column("nc_ratio", REAL, "1", "area of nucleus over cytoplasm", lambda one: one.row.nc_ratio),
        Column("roundness", REAL, "1", "4 pi A / P2, at most 1", lambda one: one.row.roundness),
        Column("machine_type", TEXT, "", "the type", lambda one: one.row.type),
        Column("machine_probability", REAL, "1", "of the likeliest type", lambda one: one.row.probability),
        *(_type_probability(name) for name in slide.cell_types),
        Column("machine_counted_as", TEXT, "", "empty: not this sighting", lambda one: one.machine),
        Column("machine_white_cell", TRUTH, "", "counted as a white cell", lambda one: _is_white(one.machine)),
        *_reviewed("type"),
        Column("after_review_counted_as", TEXT, "", "empty: not this sighting", lambda one: one.reviewed),
        Column("after_review_white_cell", TRUTH, "", "counted as a white cell", lambda one: _is_white(one.reviewed)),
    )  # fmt: skip


def _stage_probability(stage: str) -> Column[FieldAnswer]:
    name, what = f"machine_probability_{stage}", f"of {stage}"
    return Column(name, REAL, "1", what, lambda one: number(one.row.probabilities.get(stage)))


def _type_probability(kind: str) -> Column[CellAnswer]:
    name, what = f"machine_probability_{kind}", f"of {kind}"
    return Column(name, REAL, "1", what, lambda one: number(one.row.probabilities.get(kind)))


def _reviewed(value: str) -> tuple[Column[Any], ...]:
    """What stands of a person's answers; empty where nobody answered."""

    def of(pick: Callable[[Review], Any]) -> Callable[[FieldAnswer | CellAnswer], Any]:
        return lambda one: None if one.review is None else pick(one.review)

    return (
        Column("reviewer", TEXT, "", "initials", of(lambda review: review.reviewer)),
        Column("reviewer_verdict", TEXT, "", "", of(lambda review: review.verdict)),
        Column(f"reviewer_{value}", TEXT, "", "that was named", of(lambda review: review.value)),
        Column("reviewed_at_utc", MOMENT, "", "", of(lambda review: review.at_wall_ns)),
    )


def _media_time(one: FieldAnswer) -> float | None:
    return None if one.row.media_time_ns is None else one.row.media_time_ns / 1e9


def _place(one: FieldAnswer, axis: int) -> float | None:
    return None if one.row.slide_xy_px is None else one.row.slide_xy_px[axis]


def _is_white(counted_as: str | None) -> bool:
    return counted_as is not None and counted_as != NUCLEATED_OTHER
