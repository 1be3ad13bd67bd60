"""From a journal to all that its report tells."""

from collections.abc import Iterable, Sequence

from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.journal.read import JournalReader
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import Review, standing
from leukoscope.runtime.journal.summary import Session, Summary
from leukoscope.runtime.report.tolerant import mapping_of, text_of
from leukoscope.runtime.slide_report.answers import (
    Rows,
    cell_answers,
    field_answers,
    judgement,
)
from leukoscope.runtime.slide_report.chosen import flagged_of, leading_of
from leukoscope.runtime.slide_report.contents import EMPTY, RUNNING, ReviewLine, Slide
from leukoscope.runtime.slide_report.groups import groups_of
from leukoscope.runtime.slide_report.rule import Sound
from leukoscope.runtime.slide_report.strips import strips_of


def gather(reader: JournalReader, *, pictures: bool = True) -> Slide:
    """All of one moment, however much is written meanwhile. Without `pictures` none is decoded.

    InputError where the journal is damaged.
    """
    with reader.one_state():
        summary, reviews = reader.summary(), reader.reviews()
        rows = _rows(tuple(reader.fields()), reader.cells(), reviews, summary)
        fields, cells = field_answers(rows), cell_answers(rows)
        return Slide(
            name=summary.slide,
            made_wall_ns=summary.made_wall_ns,
            state=_state(summary),
            sessions=summary.sessions,
            stages=tuple(rows.stages),
            cell_types=tuple(rows.cell_types),
            groups=rows.groups,
            fields=fields,
            cells=cells,
            machine=judgement(rows, fields, cells, reviewed=False),
            reviewed=judgement(rows, fields, cells, reviewed=True) if reviews else None,
            reviews=tuple(_review_lines(reviews, rows)),
            drops=dict(summary.drops),
            skipped_stops=dict(summary.skipped_stops),
            strips=strips_of(
                summary.sessions, rows.fields, reader.skipped_stops(), reader.events()
            ),
            leading=leading_of(reader, fields, rows.stages) if pictures else {},
            flagged=flagged_of(reader, fields) if pictures else (),
        )


def _rows(
    fields: Sequence[FieldRow],
    cells: Sequence[CellRow],
    reviews: Sequence[Review],
    summary: Summary,
) -> Rows:
    return Rows(
        fields,
        cells,
        standing(reviews),
        _united(one.stages for one in summary.sessions),
        _united(one.cell_types for one in summary.sessions),
        groups_of(fields),
        Sound(_state(summary) != RUNNING, all(_is_sound(one) for one in summary.sessions)),
    )


def _state(summary: Summary) -> str:
    if any(one.ending == RUNNING for one in summary.sessions):
        return RUNNING
    return summary.sessions[-1].ending if summary.sessions and summary.fields else EMPTY


def _is_sound(session: Session) -> bool:
    """Whether what judged stages is known to be trained, or not known to be untrained, and has not failed its gate."""
    network = mapping_of(mapping_of(session.models.get("networks")).get(FIELD_NETWORK))
    gate = mapping_of(network.get("gate"))
    return network.get("trained") is not False and text_of(gate.get("outcome")) != "failed"


def _united(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


def _review_lines(reviews: Sequence[Review], rows: Rows) -> Iterable[ReviewLine]:
    names = {field.id: field for field in rows.fields}
    kinds = {(cell.field, cell.cell): cell.type for cell in rows.cells}
    for review in reviews:
        field = names.get(review.field)
        said = (
            (field.stage if field else None)
            if review.cell is None
            else kinds.get((review.field, review.cell))
        )
        stands = rows.said.get(review.subject) == review
        yield ReviewLine(review, field.name if field else "", said, stands)
