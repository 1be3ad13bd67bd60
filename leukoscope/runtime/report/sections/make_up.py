"""What the quantized variants were calibrated on."""

from collections.abc import Sequence

from leukoscope.runtime.report.contents import MakeUp, Study
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import count
from leukoscope.runtime.report.tables import paragraph, table, terms
from leukoscope.runtime.report.words import network_name

PARTS = {
    "ranges": "ranges (sets the scales)",
    "search": "search (which layers stay float)",
    "gate": "gate (judges)",
}
LEAD = (
    "Three parts that share no image and no group. What set the scales, or was searched on, does not judge; nor does "
    "what the network was trained on."
)


def make_up(study: Study) -> Markup:
    """Parts, what was left out and why, method and layers given back, by network."""
    if not study.make_up:
        return paragraph("The bundle holds no record of a calibration.")
    return joined(paragraph(LEAD, class_="note"), [_network(one) for one in study.make_up])


def _network(one: MakeUp) -> Markup:
    labels = list(dict.fromkeys(label for part in one.parts for label in part.by_label))
    heads = ("part", "images", "groups", *(short(label, 30) for label in labels))
    rows: list[Sequence[Child]] = [
        (
            PARTS.get(part.name, part.name),
            count(part.images),
            count(part.groups),
            *(count(part.by_label.get(label, 0)) for label in labels),
        )
        for part in one.parts
    ]
    return joined(element("h3", network_name(one.network)), table(heads, rows), terms(_terms(one)))


def _terms(one: MakeUp) -> list[tuple[str, Child]]:
    left_out = ", ".join(f"{count(n)} {cause}" for cause, n in one.left_out.items() if n)
    pairs: list[tuple[str, Child]] = [("left out", left_out or "none")]
    if one.missing:
        pairs.append(("classes without an image in ranges", ", ".join(one.missing)))
    if one.method:
        pairs.append(("method", one.method))
    pairs.append(("layers kept in float", _layers(one.returned)))
    return pairs


def _layers(names: Sequence[str]) -> Child:
    if not names:
        return "none"
    return joined(f"{count(len(names))}: ", element("code", ", ".join(names)))
