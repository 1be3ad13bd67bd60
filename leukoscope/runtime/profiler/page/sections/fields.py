"""Where a field's time goes, stage by stage."""

from leukoscope.runtime.profiler.contents import Profile, RunProfile
from leukoscope.runtime.profiler.field_stages import FieldProfile, StageTime
from leukoscope.runtime.profiler.page.charts.parts import parts
from leukoscope.runtime.profiler.page.sections.figures import ms, named, percent
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import NONE, plural
from leukoscope.runtime.report.tables import left, left_head, paragraph, table

HEADS: tuple[Child, ...] = ("stage", "mean", "share", "p50", "p90", "max")


def fields(profile: Profile) -> Markup:
    """One run after the other."""
    runs = [(run, run.fields) for run in profile.runs if run.fields is not None]
    if not runs:
        return paragraph("Not measured.")
    return joined([_run(run, found) for run, found in runs])


def networks_of(run: RunProfile) -> str:
    """`xincept_all fp32 on onnxruntime-cpu, ...`."""
    return ", ".join(f"{name} {how}" for name, how in run.networks.items())


def _run(run: RunProfile, found: FieldProfile) -> Markup:
    known = [(one.name, one.ms.mean) for one in found.stages if one.ms is not None]
    bars = [(name, mean) for name, mean in known if mean is not None]
    calls = NONE if found.calls_a_field is None else f"{found.calls_a_field:.1f}"
    cells = NONE if found.cells_a_field is None else f"{found.cells_a_field:.1f}"
    return joined(
        element("h3", networks_of(run)),
        paragraph(
            f"{plural(found.n, 'field')} one at a time, {ms(found.whole_ms.mean)} each in the mean; {cells} cells and {calls} "
            "calls of networks a field. The stream does several stages at a time: its frame age is less than their sum. "
            f"The journal lay in {found.journal_folder}.",
            class_="note",
        ),
        element("figure", parts("A field's time by stage, means", bars)) if bars else None,
        table((*HEADS, left_head("what it holds")), [_row(one) for one in found.stages]),
    )


def _row(one: StageTime) -> list[Child]:
    name = one.name.replace("_", "\u00a0")
    if one.ms is None:
        return [named(name, ""), *[NONE] * 5, left(one.why_not or "not measured")]
    found = one.ms
    figures = [ms(found.mean), percent(one.share), ms(found.p50), ms(found.p90), ms(found.max)]
    return [named(name, ""), *figures, left(one.what)]
