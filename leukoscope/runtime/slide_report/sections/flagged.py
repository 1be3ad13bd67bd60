"""Fields that do not count by themselves, with the reasons."""

from collections import Counter

from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import NONE, count, fraction, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table
from leukoscope.runtime.slide_report.contents import FieldAnswer, Slide
from leukoscope.runtime.slide_report.sections.gallery import pairs
from leukoscope.runtime.slide_report.words import flag_name, verdict_name

LEAD = "A flag says that something about the field makes its vote doubtful. It counts for no stage unless a person accepts it or names its stage; its cells are in the differential count."
NO_FLAG = "No field was flagged."
ROWS_SHOWN = 60


def flagged(slide: Slide) -> Markup:
    """How often each flag, the fields in a table, pictures of the first."""
    fields = [one for one in slide.fields if one.row.flags]
    if not fields:
        return paragraph(NO_FLAG)
    flags = Counter(flag for one in fields for flag in one.row.flags)
    more = len(fields) - ROWS_SHOWN
    return joined(
        paragraph(
            f"{plural(len(fields), 'field')} of {count(len(slide.fields))}. {LEAD}", class_="note"
        ),
        table(
            ("flag", "fields"),
            [(flag_name(name), count(n)) for name, n in flags.most_common()],
            class_="narrow",
        ),
        table(_heads(), [_row(one) for one in fields[:ROWS_SHOWN]], class_="small breaks"),
        paragraph(f"and {plural(more, 'field')} more: see the tables (--csv).")
        if more > 0
        else None,
        [element("h3", "The first of them"), pairs(slide.flagged)] if slide.flagged else None,
    )


def _heads() -> tuple[Child, ...]:
    return (
        "field",
        left_head("name"),
        left_head("machine"),
        "probability",
        left_head("flags"),
        left_head("review"),
    )


def _row(field: FieldAnswer) -> tuple[Child, ...]:
    row, review = field.row, field.review
    said = "" if review is None else verdict_name(review.verdict, review.value)
    return (
        str(row.id),
        left(short(row.name, 60)),
        left(row.stage or NONE),
        fraction(number(row.probability), 2),
        left(", ".join(flag_name(flag) for flag in row.flags)),
        left("" if review is None else f"{review.reviewer}: {said}"),
    )
