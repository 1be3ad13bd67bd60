"""The sessions of the journal: when, from what, on what, and how each ended."""

from leukoscope.runtime.report.markup import Child, Markup, joined, short
from leukoscope.runtime.report.numbers import NONE, count, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table
from leukoscope.runtime.slide_report.contents import Slide
from leukoscope.runtime.slide_report.moments import for_people, length
from leukoscope.runtime.slide_report.words import ENDINGS

LEAD = "Times are what the machine's clock said; lengths are by the clock that does not jump. A journal goes on over several sessions of the same slide and the same bundle."
SESSIONS_SHOWN = 60


def identity(slide: Slide) -> Markup:
    """A row a session, then what each was computed on."""
    rows = []
    for one in slide.sessions[:SESSIONS_SHOWN]:
        seconds = NONE if one.seconds is None else length(one.seconds)
        rows.append(
            (
                str(one.id),
                left(for_people(one.began_wall_ns), keep=True),
                seconds,
                left(ENDINGS.get(one.ending, one.ending)),
                count(one.fields),
                left(short(one.source, 80)),
                left(one.device),
                left(one.version),
            )
        )
    heads: list[Child] = ["session", left_head("began"), "length", left_head("ended")]
    heads += ["fields", left_head("source"), left_head("device"), left_head("Leukoscope")]
    more = len(slide.sessions) - SESSIONS_SHOWN
    return joined(
        paragraph(LEAD, class_="note"),
        table(heads, rows, class_="small breaks"),
        paragraph(f"and {plural(more, 'session')} more.") if more > 0 else None,
    )
