"""The stream at a camera's rate, and a fresh process."""

from leukoscope.runtime.profiler.cold_start import MORE_FIELDS, ColdStart, Memory
from leukoscope.runtime.profiler.contents import Profile, RunProfile
from leukoscope.runtime.profiler.frame_age import StreamProfile
from leukoscope.runtime.profiler.page.charts.parts import parts
from leukoscope.runtime.profiler.page.charts.timeline import timeline
from leukoscope.runtime.profiler.page.sections.fields import networks_of
from leukoscope.runtime.profiler.page.sections.figures import (
    PERCENTILE_HEADS,
    megabytes,
    ms,
    percent,
    percentiles,
    rate,
)
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.tables import paragraph, table, terms


def stream(profile: Profile) -> Markup:
    """Frame age and drops."""
    runs = [(run, run.stream) for run in profile.runs if run.stream is not None]
    if not runs:
        return paragraph("Not measured.")
    return joined([_stream(run, found) for run, found in runs])


def start(profile: Profile) -> Markup:
    """Cold start and memory."""
    runs = [(run, run.cold_start) for run in profile.runs if run.cold_start is not None]
    if not runs:
        return paragraph("Not measured.")
    return joined([_start(run, found) for run, found in runs])


def _stream(run: RunProfile, found: StreamProfile) -> Markup:
    drops = ", ".join(f"{n} {cause.replace('_', ' ')}" for cause, n in found.drops.items())
    words = (
        f"A camera of {found.rate_hz:g} frames a second for {found.seconds:.1f} s: {found.captured} frames, "
        f"{found.fields} fields ({rate(found.fields_per_s)}); not taken: {drops or 'none'} ({percent(found.dropped_share)})."
    )
    rows = [
        ["capture to result", found.age_ms.n, *percentiles(found.age_ms)],
        ["capture to shown, committed", found.shown_ms.n, *percentiles(found.shown_ms)],
    ]
    chart = None
    if found.ages_ms:
        drawn = timeline("Frame age", "frame age", found.at_s, found.ages_ms)
        chart = element("figure", drawn)
    return joined(
        element("h3", networks_of(run)),
        paragraph(words),
        table(("frame age", "n", *PERCENTILE_HEADS), rows),
        chart,
    )


def _start(run: RunProfile, found: ColdStart) -> Markup:
    bars = list(found.parts_ms.items())
    words = (
        f"Medians of {found.n} fresh processes, the files in the system's cache: {ms(found.total_ms)} from start to "
        f"first result ({ms(found.least_ms)} to {ms(found.greatest_ms)})."
    )
    if found.command_ms is not None:
        words += f" The command leukoscope run, to its first line: {ms(found.command_ms)}."
    return joined(
        element("h3", networks_of(run)),
        paragraph(words),
        element("figure", parts("Cold start by part", bars)) if bars else None,
        None if run.memory is None else _memory(run.memory),
    )


def _memory(memory: Memory) -> Markup:
    device = megabytes(memory.device_peak_bytes)
    if memory.device_peak_bytes is None:
        device = memory.why_no_device or device
    return terms(
        [
            ("memory at the first result", megabytes(memory.host_first_result_bytes)),
            (f"at most in {MORE_FIELDS} fields more", megabytes(memory.host_peak_bytes)),
            ("device's memory", device),
        ]
    )
