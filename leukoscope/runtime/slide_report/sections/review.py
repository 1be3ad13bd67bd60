"""What people said: counts before and after, who reviewed what and when, and the list of answers."""

from leukoscope.runtime.journal.reviews import REJECT
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import NONE, count, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table
from leukoscope.runtime.slide_report.contents import Judgement, ReviewLine, Slide
from leukoscope.runtime.slide_report.moments import for_people
from leukoscope.runtime.slide_report.words import verdict_name

NOBODY = "Nobody has reviewed this slide: all counts are the machine's."
LEAD = "The machine's answers are kept as they were; a person's stand beside them. Of several answers on the same cell or field the last holds."
LINES_SHOWN = 200


def review(slide: Slide) -> Markup:
    """Nothing but a sentence where nobody reviewed."""
    if slide.reviewed is None:
        return paragraph(NOBODY)
    return joined(
        paragraph(LEAD, class_="note"),
        element("h3", "Before and after"),
        table(
            ("", "machine", "after review", "difference"),
            _before_and_after(slide.machine, slide.reviewed),
        ),
        element("h3", "Reviewers"),
        _reviewers(slide),
        element("h3", "Answers"),
        _lines(slide),
    )


def _before_and_after(machine: Judgement, after: Judgement) -> list[tuple[Child, ...]]:
    pairs = [
        *_pairs(machine.counts.stages, after.counts.stages, "fields: "),
        ("fields flagged, not counted", machine.counts.flagged, after.counts.flagged),
        ("fields rejected", machine.counts.rejected, after.counts.rejected),
        *_pairs(machine.counts.cells, after.counts.cells, "cells: "),
        (
            "cells with a nucleus, not white",
            machine.counts.nucleated_others,
            after.counts.nucleated_others,
        ),
        ("cells rejected", machine.counts.rejected_cells, after.counts.rejected_cells),
    ]
    return [
        (name, count(before), count(now), _difference(now - before)) for name, before, now in pairs
    ]


def _pairs(
    before: dict[str, int], after: dict[str, int], prefix: str
) -> list[tuple[str, int, int]]:
    names = dict.fromkeys((*before, *after))
    return [(prefix + name, before.get(name, 0), after.get(name, 0)) for name in names]


def _difference(value: int) -> Child:
    text = f"{value:+d}".replace("-", "\u2212")
    return element("span", text, class_="changed") if value else NONE


def _reviewers(slide: Slide) -> Markup:
    rows: list[tuple[Child, ...]] = []
    for initials in sorted({line.review.reviewer for line in slide.reviews}):
        own = [line for line in slide.reviews if line.review.reviewer == initials]
        cells = sum(line.review.cell is not None for line in own)
        changed = sum(line.stands and _changes(line) for line in own)
        moments = [line.review.at_wall_ns for line in own]
        when = (for_people(min(moments)), for_people(max(moments)))
        numbers = (count(len(own)), count(cells), count(len(own) - cells), count(changed))
        rows.append((initials, *numbers, *(left(one, keep=True) for one in when)))
    heads = (
        "initials",
        "answers",
        "on cells",
        "on fields",
        "changes that stand",
        left_head("first"),
        left_head("last"),
    )
    return table(heads, rows)


def _changes(line: ReviewLine) -> bool:
    """Whether it says something else than the machine."""
    value = line.review.value
    return line.review.verdict == REJECT or (value is not None and value != line.machine)


def _lines(slide: Slide) -> Markup:
    heads = (
        "when (UTC)",
        *(left_head(text) for text in ("reviewer", "field", "cell", "machine", "person", "")),
    )
    rows = [_line(line) for line in slide.reviews[:LINES_SHOWN]]
    more = len(slide.reviews) - LINES_SHOWN
    return joined(
        table(heads, rows, class_="small breaks"),
        paragraph(f"and {plural(more, 'answer')} more: all are in the JSON (--json).")
        if more > 0
        else None,
    )


def _line(line: ReviewLine) -> tuple[Child, ...]:
    found = line.review
    return (
        for_people(found.at_wall_ns).removesuffix(" UTC"),
        left(found.reviewer),
        left(f"{found.field}: {short(line.subject, 50)}"),
        left("the field" if found.cell is None else str(found.cell)),
        left(line.machine or NONE),
        left(verdict_name(found.verdict, found.value)),
        left("" if line.stands else "no longer holds"),
    )
