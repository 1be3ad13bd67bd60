"""Every variant on every backend: the table, then each one's distribution, timeline and batches."""

from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.profiler.page.charts.distribution import distribution_chart
from leukoscope.runtime.profiler.page.charts.timeline import strips_of, timeline
from leukoscope.runtime.profiler.page.sections.figures import (
    PERCENTILE_HEADS,
    ms,
    named,
    percentiles,
    rate,
)
from leukoscope.runtime.profiler.variant import VariantProfile
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.tables import paragraph, table
from leukoscope.runtime.report.words import network_name, variant_name

HEADS = ("variant", "n", *PERCENTILE_HEADS, "alone", "by twos")


def variants(profile: Profile) -> Markup:
    """A row a variant, and a part a variant."""
    if not profile.variants:
        return paragraph("Nothing was measured.")
    return joined(
        table(HEADS, [_row(one) for one in profile.variants], class_="glance"),
        paragraph(
            "One square a call, the squares going round. A percentile that the samples cannot carry is left out: p99 "
            "takes 299, p95 59, p90 29. Jitter is p99 less p50. By twos: two threads over one engine, as in the stream.",
            class_="note",
        ),
        [_part(one) for one in profile.variants],
    )


def title_of(one: VariantProfile) -> str:
    """`XIncept-ALL, INT8 on onnxruntime-cpu`."""
    return f"{network_name(one.network)}, {variant_name(one.precision)} on {one.backend}"


def _row(one: VariantProfile) -> list[Child]:
    backend = one.backend if one.trusted else f"{one.backend}, not trusted"
    found = one.latency_ms
    speed = one.throughput
    return [
        named(f"{network_name(one.network)} {one.precision}", backend),
        found.n,
        *percentiles(found),
        rate(speed.serial_per_s),
        rate(speed.two_callers_per_s),
    ]


def _part(one: VariantProfile) -> Markup:
    title, samples = title_of(one), one.samples
    if not len(samples):
        return joined(element("h3", title), paragraph("No call was timed."))
    strips = strips_of(one.readings, samples.began_tick_ns[0])
    figures = [
        ("Distribution", distribution_chart(f"Latency of {title}", samples.taken_ms, one.latency_ms)),
        ("Timeline", timeline(f"Calls of {title}", "a call", samples.at_s, samples.taken_ms, strips)),
    ]  # fmt: skip
    return joined(
        element("h3", title),
        paragraph(_warm_up(one), class_="note"),
        [element("figure", element("figcaption", name), chart) for name, chart in figures],
        _batches(one),
        _copies(one),
    )


def _warm_up(one: VariantProfile) -> str:
    warm = one.warm_up
    first = "" if warm.first_ms is None else f", the first {ms(warm.first_ms)}"
    stable = "stable" if warm.stable else "not stable"
    return f"Warm-up: {warm.calls} calls in {warm.seconds:.1f} s{first}; {stable} ({warm.rule})."


def _batches(one: VariantProfile) -> Markup | None:
    if not one.batches:
        return None
    rows: list[list[Child]] = [
        [str(b.batch), b.n, ms(b.p50_ms), ms(b.ms_a_square), rate(b.squares_per_s)]
        for b in one.batches
    ]
    return table(("batch", "n", "p50 a call", "a square", "squares"), rows)


def _copies(one: VariantProfile) -> Markup:
    copies = one.copies
    if copies.engine_ms is None:
        return paragraph(f"Copies: {copies.why_not}.", class_="note")
    parts = f"copy in {ms(copies.copy_in_ms)}, engine {ms(copies.engine_ms)}, copy out {ms(copies.copy_out_ms)}"
    return paragraph(f"By the device's events: {parts}.", class_="note")
