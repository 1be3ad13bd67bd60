"""The distribution over the stages of the fields that count."""

from collections.abc import Callable, Sequence

from leukoscope.runtime.report.charts.dots import Series, dots
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import count, plural
from leukoscope.runtime.report.tables import paragraph, terms
from leukoscope.runtime.slide_report.contents import Judgement, Slide
from leukoscope.runtime.slide_report.figures import shares_table
from leukoscope.runtime.slide_report.groups import ISLANDS, LEAST_ISLANDS, Groups
from leukoscope.runtime.slide_report.shares import Shares

LEAD = "Fields that are neither flagged nor rejected, by the stage that they were voted to show: the paper's severity levels."
NO_STAGES = "No stage was judged: the bundle has no XIncept-ALL, or no field was written."
REVIEWED = (
    " A flagged field that a person accepted, or whose stage a person named, counts for that stage."
)
INTERVALS = (
    "Shares are of the fields that count. Intervals are 95 %: whole groups of fields drawn again 2000 times, with one "
    "seed, with two groups more, one for and one against, so that few groups give a wide interval. There is none on fewer than two groups."
)


def stages(slide: Slide) -> Markup:
    """A chart, a table, and what groups are."""
    if not any(one.row.stage for one in slide.fields):
        return paragraph(NO_STAGES)
    named = answers(slide, lambda one: one.stages)
    return joined(
        paragraph(LEAD + (REVIEWED if slide.reviewed else ""), class_="note"),
        element(
            "figure",
            dots(
                "Share of fields by stage",
                slide.stages,
                [_series(*one, slide.stages) for one in named],
            ),
        ),
        shares_table("stage", named),
        terms(_left_out(slide)),
        paragraph(words_of(slide.groups), " ", INTERVALS, class_="note"),
    )


def answers(slide: Slide, pick: Callable[[Judgement], Shares]) -> list[tuple[str, Shares]]:
    """The machine's shares, and beside them those after review where there was one."""
    named = [("machine", pick(slide.machine))]
    return named if slide.reviewed is None else [*named, ("after review", pick(slide.reviewed))]


def _series(name: str, shares: Shares, stages: Sequence[str]) -> Series:
    parts = {part.name: part for part in shares.parts}
    chosen = [parts.get(stage) for stage in stages]
    return Series(
        name,
        tuple(None if one is None else one.share for one in chosen),
        tuple(None if one is None else one.interval for one in chosen),
    )


def _left_out(slide: Slide) -> list[tuple[str, Child]]:
    counts, total = slide.standing.counts, len(slide.fields)
    without = total - slide.standing.stages.total - counts.flagged - counts.rejected
    return [
        ("fields judged", count(total)),
        ("do not count: flagged", count(counts.flagged)),
        ("do not count: rejected by a person", count(counts.rejected)),
        *([("do not count: no stage", count(without))] if without else []),
    ]


def words_of(groups: Groups) -> str:
    """What the groups are."""
    if groups.kind == ISLANDS:
        return f"Groups: {plural(groups.count, 'island')} of fields that overlap on the slide."
    return (
        f"Groups: {plural(groups.count, 'block')} of about {groups.block_fields} fields that were captured one after the other "
        f"(there are not {LEAST_ISLANDS} islands of overlapping fields, or one holds more than half of them)."
    )
