"""What is counted on a slide: by the machine alone, and after people have looked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leukoscope.runtime.differential import NOT_WHITE
from leukoscope.runtime.field import UNCLASSIFIED
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import ACCEPT, REJECT, STAGE, TYPE, Review, Subject


@dataclass(frozen=True)
class SlideCounts:
    """Each field once, each cell of the slide once."""

    stages: dict[str, int]
    """Fields that count for their stage: neither flagged nor rejected, or accepted by a person."""
    flagged: int
    """Fields that do not count because they are flagged and nobody has accepted them or named their stage."""
    rejected: int
    cells: dict[str, int]
    """White cells by type, the most frequent first, `unclassified` last."""
    nucleated_others: int
    """Cells with a nucleus that are not white."""
    rejected_cells: int
    """Cells of the slide that a person rejected, or that only rejected fields show."""


def count_slide(
    fields: Iterable[FieldRow],
    cells: Iterable[CellRow],
    said: Mapping[Subject, Review],
    *,
    reviewed: bool,
) -> SlideCounts:
    """The counts after review, or with `reviewed` False those of the machine, whatever was said.

    Fields without a stage count for none. Of cells those that are `counted` (each cell of the slide once), of flagged
    fields too, as in a run's own count. A review of a sighting that does not count changes nothing.
    """
    say = said if reviewed else {}
    stages: dict[str, int] = {}
    flagged = 0
    rejected_fields = set()
    for field in fields:
        review = say.get((field.id, None))
        if review is not None and review.verdict == REJECT:
            rejected_fields.add(field.id)
        elif (stage := stage_after(field, review)) is not None:
            stages[stage] = stages.get(stage, 0) + 1
        else:
            flagged += bool(field.flags)
    white, others, gone = _cells(cells, say, rejected_fields)
    return SlideCounts(stages, flagged, len(rejected_fields), white, others, gone)


def stage_after(field: FieldRow, review: Review | None) -> str | None:
    """The stage for which the field counts; None for none."""
    if review is None:
        return None if field.flags else field.stage
    if review.verdict == REJECT:
        return None
    return review.value if review.verdict == STAGE else field.stage


def type_after(cell: CellRow, review: Review | None) -> str | None:
    """The cell's type; None where a person has rejected it."""
    if review is None or review.verdict == ACCEPT:
        return cell.type
    return review.value if review.verdict == TYPE else None


def _cells(
    cells: Iterable[CellRow], say: Mapping[Subject, Review], rejected_fields: set[int]
) -> tuple[dict[str, int], int, int]:
    white: dict[str, int] = {}
    others = gone = 0
    for cell in standing_sightings(list(cells), rejected_fields):
        kind = None if cell is None else type_after(cell, say.get((cell.field, cell.cell)))
        if cell is None or kind is None:
            gone += 1
        elif kind == NOT_WHITE:
            others += cell.nc_ratio is None or cell.nc_ratio > 0
        else:
            white[kind] = white.get(kind, 0) + 1
    ranked = sorted(white.items(), key=lambda one: (one[0] == UNCLASSIFIED, -one[1], one[0]))
    return dict(ranked), others, gone


def standing_sightings(
    cells: Sequence[CellRow], rejected_fields: set[int]
) -> Iterator[CellRow | None]:
    """For each cell of the slide the sighting that stands for it; None where only rejected fields show it."""
    again = {
        cell.slide_number: cell
        for cell in reversed(cells)
        if cell.slide_number is not None and cell.field not in rejected_fields
    }
    for cell in cells:
        if cell.counted:
            shown = cell.field not in rejected_fields
            number = cell.slide_number
            yield cell if shown else None if number is None else again.get(number)
