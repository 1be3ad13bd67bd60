"""The differential count."""

from leukoscope.runtime.differential import ENOUGH_CELLS, Differential
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.numbers import NONE, count
from leukoscope.runtime.report.tables import paragraph, table
from leukoscope.runtime.slide_report.contents import Judgement, Slide
from leukoscope.runtime.slide_report.figures import shares_table
from leukoscope.runtime.slide_report.sections.stages import answers

LEAD = (
    "White cells by type, each cell of the slide once, from all fields, flagged ones too (as a run counts them). "
    "Intervals are by group as above, widened to Wilson's of single cells. Unclassified are white cells of no type that is sure enough."
)
NO_CELLS = "No white cell was counted."
REVIEWED = " After review a cell counts as the type that a person named; what a person rejected, and what only rejected fields show, does not."


def cells(slide: Slide) -> Markup:
    """How far it can be trusted, the table, and cells with a nucleus that are not white."""
    if not slide.cells:
        return paragraph(NO_CELLS)
    found = differential(slide.standing)
    rule = (
        ""
        if found.enough
        else f" A differential wants {ENOUGH_CELLS} white cells at least: these shares say little."
    )
    return joined(
        paragraph(element("b", _capital(found.heading) + "."), rule),
        paragraph(LEAD + (REVIEWED if slide.reviewed else ""), class_="note"),
        shares_table("type", answers(slide, lambda one: one.cells)),
        _others(slide),
    )


def differential(judged: Judgement) -> Differential:
    """The counts as a run's own, which knows the rule of 100 cells."""
    return Differential(dict(judged.counts.cells), judged.counts.nucleated_others)


def _others(slide: Slide) -> Markup:
    judged = [("machine", slide.machine)]
    judged += [("after review", slide.reviewed)] if slide.reviewed else []
    rows = [
        (
            name,
            count(one.counts.nucleated_others),
            _per_100(differential(one)),
            count(one.counts.rejected_cells),
        )
        for name, one in judged
    ]
    heads = ("", "cells with a nucleus that are not white", "per 100 white cells", "rejected cells")
    return table(heads, rows)


def _per_100(found: Differential) -> str:
    per_100 = found.nucleated_others_per_100
    return NONE if per_100 is None else f"{per_100:.1f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
