"""What happened when."""

from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import count, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table
from leukoscope.runtime.slide_report.charts.timeline import timeline as drawn
from leukoscope.runtime.slide_report.contents import Slide
from leukoscope.runtime.slide_report.moments import length
from leukoscope.runtime.slide_report.strips import REST_S, Span, Strip

LEAD = (
    "A strip a session, from its beginning: fields as bars, flagged ones darker on top of them; stops that gave no "
    "field as marks below; what the source and the run reported as ticks above. Grounds: red, the source was lost; "
    f"dark grey, paused by the operator; pale, nothing captured for {REST_S:.0f} s or more."
)
STRIPS_SHOWN, EVENTS_SHOWN = 12, 60


def timeline(slide: Slide) -> Markup:
    """Strips of the sessions with most fields, a table of sums, and the events."""
    busiest = sorted(slide.strips, key=lambda one: (-_size(one), one.session))[:STRIPS_SHOWN]
    strips = sorted(busiest, key=lambda one: one.session)
    if not strips:
        return paragraph("There is no session.")
    more = len(slide.strips) - len(strips)
    return joined(
        paragraph(LEAD, class_="note"),
        [element("figure", drawn(one)) for one in strips],
        paragraph(f"{plural(more, 'session')} with fewer fields not drawn.") if more else None,
        _sums(strips),
        _events(slide),
    )


def _size(strip: Strip) -> int:
    return len(strip.fields_s) + len(strip.flagged_s)


def _sums(strips: list[Strip]) -> Markup:
    rows = [
        (
            f"session {one.session}",
            length(one.seconds),
            count(_size(one)),
            count(len(one.stops_s)),
            *(_sum(spans) for spans in (one.offline, one.paused, one.rests)),
        )
        for one in strips
    ]
    heads = ("", "length", "fields", "stops without a field", "offline", "paused", "at rest")
    return table(heads, rows, class_="small")


def _sum(spans: tuple[Span, ...]) -> str:
    if not spans:
        return "none"
    return f"{length(sum(stop - start for start, stop in spans))} in {count(len(spans))}"


def _events(slide: Slide) -> Markup | None:
    told = [(strip.session, event) for strip in slide.strips for event in strip.events]
    if not told:
        return None
    rows: list[tuple[Child, ...]] = [
        (str(session), length(event.at_s), left(event.state or ""), left(event.detail))
        for session, event in told[:EVENTS_SHOWN]
    ]
    more = len(told) - EVENTS_SHOWN
    heads = ("session", "after", left_head("source"), left_head("what was reported"))
    return joined(
        element("h3", "Events"),
        table(heads, rows, class_="small breaks"),
        paragraph(f"and {plural(more, 'event')} more: they are in the journal.")
        if more > 0
        else None,
    )
