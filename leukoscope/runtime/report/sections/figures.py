"""All variants side by side: figures with intervals, differences from the float model, size and speed."""

from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope.runtime.report.contents import Difference, NetworkStudy, Study, VariantRow
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import (
    NONE,
    change,
    count,
    fraction,
    milliseconds,
    of_size,
    span,
)
from leukoscope.runtime.report.tables import below, paragraph, table
from leukoscope.runtime.report.words import FIGURES, figure_name, network_name, variant_name

COUNTS = {"accuracy": "n_labelled", "iou cell": "n_masks", "cam_agreement": ""}
"""The figure that opens a block, and how many images the block is over; '' is all."""


def figures(study: Study) -> Markup:
    """Tables by network."""
    lead = (
        "Fractions, 0 to 1. Below a figure its 95 % interval: bootstrap by whole groups; of an accuracy or recall of "
        "0 or 1, where a bootstrap sees nothing, Wilson's, which takes images for independent. No interval: fewer than "
        "two groups, or none that differ."
    )
    return joined(paragraph(lead, class_="note"), [_network(one) for one in study.networks])


def _network(network: NetworkStudy) -> Markup:
    heads = ("", "images", *(variant_name(row.variant) for row in network.rows))
    rows = [*_figure_rows(network), *_size_rows(network.rows)]
    return joined(
        element("h3", network_name(network.network)), table(heads, rows), _differences(network)
    )


def _figure_rows(network: NetworkStudy) -> list[Sequence[Child]]:
    rows: list[Sequence[Child]] = []
    n: Child = ""
    for name in FIGURES:
        values = [figure_of(row.figures, name) for row in network.rows]
        if name in COUNTS:
            key = COUNTS[name]
            n = count(int(network.rows[0].figures.get(key, 0)) if key else network.n)
        if any(value is not None for value in values):
            cells = [
                below(fraction(value), span(row.intervals.get(name)))
                for row, value in zip(network.rows, values, strict=True)
            ]
            rows.append((figure_name(name), n, *cells))
    return rows


def figure_of(figures: Mapping[str, Any], name: str) -> float | None:
    """A figure of `validate --json` by its name on the page: `iou cell` lies inside `iou`."""
    group, _, member = name.partition(" ")
    value = figures.get(group)
    if member and value is not None:
        value = value.get(member)
    return None if value is None else float(value)


def _size_rows(rows: Sequence[VariantRow]) -> list[Sequence[Child]]:
    whole = rows[0].size_bytes
    sizes = [below(of_size(row.size_bytes), _share(row.size_bytes / whole)) for row in rows]
    found: list[Sequence[Child]] = [("ONNX file", "", *sizes)]
    if any(row.latency is not None for row in rows):
        found.append(("one inference on this machine, median", "", *map(_latency, rows)))
    return found


def _latency(row: VariantRow) -> Child:
    if row.latency is None:
        return NONE
    rest = f"90 % within {milliseconds(row.latency.p90_ms)}; {row.latency.n} runs"
    return below(milliseconds(row.latency.p50_ms), rest)


def _share(share: float) -> str:
    return "" if share == 1 else f"{share:.2f} of float"


def _differences(network: NetworkStudy) -> Markup | None:
    others = [row for row in network.rows if row.variant != network.reference]
    if not others:
        return None
    heads = ("Variant less float", *(variant_name(row.variant) for row in others))
    names = list(dict.fromkeys(one.name for row in others for one in row.differences))
    rows: list[Sequence[Child]] = [
        (figure_name(name), *(_difference(_named(row.differences, name)) for row in others))
        for name in names
    ]
    rows.append(("images on which the vote changed", *map(_flips, others)))
    if any(row.changes is not None for row in others):
        rows.append(("right before, wrong now / the reverse", *map(_changes, others)))
    return table(heads, rows)


def _named(differences: Sequence[Difference], name: str) -> Difference | None:
    return next((one for one in differences if one.name == name), None)


def _difference(one: Difference | None) -> Child:
    if one is None:
        return NONE
    ends = one.interval
    return below(
        change(one.value), "" if ends is None else f"{change(ends.low)} to {change(ends.high)}"
    )


def _flips(row: VariantRow) -> Child:
    return count(int(row.figures.get("flips", 0)))


def _changes(row: VariantRow) -> Child:
    if row.changes is None:
        return NONE
    words = f"McNemar, exact: p {row.changes.mcnemar_p:.2g}"
    return below(f"{row.changes.losses} / {row.changes.gains}", words)
