"""What the quantized variants were calibrated on, and how."""

from collections.abc import Sequence

from leukoscope.runtime.report.calibration import MakeUp, Step
from leukoscope.runtime.report.contents import Study
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import count, fraction, plural, small
from leukoscope.runtime.report.tables import left, left_head, paragraph, table, terms
from leukoscope.runtime.report.words import check_name, network_name

PARTS = {
    "ranges": "ranges: set the scales",
    "search": "search: chose the layers that stay float",
    "gate": "gate: judged",
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
    return joined(
        element("h3", network_name(one.network)),
        _parts(one),
        terms(_terms(one)),
        _methods(one) if one.methods else None,
        _steps(one.steps) if one.steps else None,
    )


def _parts(one: MakeUp) -> Markup:
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
    return table(heads, rows)


def _terms(one: MakeUp) -> list[tuple[str, Child]]:
    left_out = ", ".join(f"{count(n)} {cause}" for cause, n in one.left_out.items() if n)
    pairs: list[tuple[str, Child]] = [("left out", left_out or "none")]
    if one.missing:
        pairs.append(("classes without an image in ranges", ", ".join(one.missing)))
    if one.method:
        pairs.append(("ranges by", one.method))
    pairs.append(("layers kept in float", _layers(one.returned)))
    if one.int8_share is not None:
        pairs.append(("in INT8", f"{fraction(one.int8_share, 3)} of the multiply-adds"))
    if one.seed is not None:
        pairs.append(("seed", str(one.seed)))
    if one.graph_sha256:
        pairs.append(("made of the float graph", element("code", one.graph_sha256)))
    return pairs


def _methods(one: MakeUp) -> Markup:
    heads = ("ways to set the ranges, all layers in INT8", "error at the outputs", "at the maps")
    rows = [(short(m.name, 40), small(m.output_error), small(m.cam_error)) for m in one.methods]
    return table(heads, rows)


def _steps(steps: Sequence[Step]) -> Markup:
    heads = ("tried on the search part", "votes changed", "of images", left_head(""))
    return table(heads, [_step(one) for one in steps])


def _step(one: Step) -> Sequence[Child]:
    over = "; ".join(f"{check_name(name)} lost {fraction(v)}" for name, v in one.failed.items())
    outcome = f"over its budget: {over}" if over else "nothing over its budget"
    name = f"{plural(one.returned, 'layer')} in float"
    return (name, count(one.flips), count(one.n), left(outcome))


def _layers(names: Sequence[str]) -> Child:
    if not names:
        return "none"
    return joined(f"{count(len(names))}: ", element("code", ", ".join(names)))
