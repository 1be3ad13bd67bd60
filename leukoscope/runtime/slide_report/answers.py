"""Each field and each cell beside what it counts for: by the machine, and after review."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leukoscope.runtime.differential import NOT_WHITE
from leukoscope.runtime.field import UNCLASSIFIED
from leukoscope.runtime.journal.counts import (
    count_slide,
    stage_after,
    standing_sightings,
    type_after,
)
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import REJECT, Review, Subject
from leukoscope.runtime.slide_report.contents import (
    NUCLEATED_OTHER,
    CellAnswer,
    FieldAnswer,
    Judgement,
)
from leukoscope.runtime.slide_report.groups import Groups
from leukoscope.runtime.slide_report.rule import Sound, conclude
from leukoscope.runtime.slide_report.shares import shares_of

Said = Mapping[Subject, Review]


@dataclass(frozen=True, eq=False)
class Rows:
    """What the journal holds, and what people said of it."""

    fields: Sequence[FieldRow]
    cells: Sequence[CellRow]
    said: Said
    stages: Sequence[str]
    cell_types: Sequence[str]
    groups: Groups
    sound: Sound


def field_answers(rows: Rows) -> tuple[FieldAnswer, ...]:
    """In the order of the fields."""
    return tuple(
        FieldAnswer(
            field,
            rows.groups.of_field[field.id],
            stage_after(field, None),
            stage_after(field, review),
            review,
        )
        for field in rows.fields
        for review in (rows.said.get((field.id, None)),)
    )


def cell_answers(rows: Rows) -> tuple[CellAnswer, ...]:
    """In the order of the cells: every sighting, of which each cell of the slide has one that is counted."""
    by_machine, after = _counted_as(rows, {}), _counted_as(rows, rows.said)
    return tuple(
        CellAnswer(
            cell,
            by_machine.get((cell.field, cell.cell)),
            after.get((cell.field, cell.cell)),
            rows.said.get((cell.field, cell.cell)),
        )
        for cell in rows.cells
    )


def judgement(
    rows: Rows, fields: Sequence[FieldAnswer], cells: Sequence[CellAnswer], *, reviewed: bool
) -> Judgement:
    """One of the two answers, with its shares and its conclusion."""
    counts = count_slide(rows.fields, rows.cells, rows.said, reviewed=reviewed)
    groups = [one.group for one in fields]
    stage_of = [one.reviewed if reviewed else one.machine for one in fields]
    stages = shares_of(
        _named(rows.stages, counts.stages),
        [{} if stage is None else {stage: 1} for stage in stage_of],
        groups,
    )
    kinds: dict[int, Counter[str]] = {one.row.id: Counter() for one in fields}
    for cell in cells:
        kind = cell.reviewed if reviewed else cell.machine
        if kind is not None and kind != NUCLEATED_OTHER:
            kinds[cell.row.field][kind] += 1
    white = shares_of(
        _white(rows.cell_types, counts.cells), list(kinds.values()), groups, one_by_one=True
    )
    return Judgement(counts, stages, white, conclude(stages, len(fields), rows.sound))


def _counted_as(rows: Rows, said: Said) -> dict[tuple[int, int], str]:
    """By sighting, of those that are counted."""
    rejected = {
        field for (field, cell), one in said.items() if cell is None and one.verdict == REJECT
    }
    found = {}
    for cell in standing_sightings(rows.cells, rejected):
        if cell is not None:
            kind = _kind(cell, said.get((cell.field, cell.cell)))
            if kind is not None:
                found[cell.field, cell.cell] = kind
    return found


def _kind(cell: CellRow, review: Review | None) -> str | None:
    kind = type_after(cell, review)
    if kind != NOT_WHITE:
        return kind
    return NUCLEATED_OTHER if cell.nc_ratio is None or cell.nc_ratio > 0 else None


def _named(known: Sequence[str], counted: Mapping[str, int]) -> tuple[str, ...]:
    """The networks' classes in their order, then what else was counted."""
    return tuple(dict.fromkeys((*known, *counted)))


def _white(types: Sequence[str], counted: Mapping[str, int]) -> tuple[str, ...]:
    """Types of white cells in the network's order, `unclassified` last."""
    named = [name for name in _named(types, counted) if name not in (NOT_WHITE, UNCLASSIFIED)]
    return (*named, UNCLASSIFIED)
