"""Recall and F1 of each class, and which class was taken for which."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.dots import Series, dots
from leukoscope.runtime.report.charts.matrix import matrix, named
from leukoscope.runtime.report.contents import NetworkStudy, Study
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import count, fraction, span
from leukoscope.runtime.report.tables import below, paragraph, table
from leukoscope.runtime.report.words import network_name, variant_name

FEW = 5
"""So many classes leave room for three matrices beside each other."""


def classes(study: Study) -> Markup:
    """A chart of recalls, a table of recall and F1 and the confusion matrices for each network with labels."""
    parts = [_network(one) for one in study.networks if any(one.images_by_label.values())]
    return joined(parts or paragraph("No image has a label."))


def _network(network: NetworkStudy) -> Markup:
    labels = [name for name, n in network.images_by_label.items() if n]
    title = f"Recall by class of {network_name(network.network)}"
    return joined(
        element("h3", network_name(network.network)),
        element(
            "figure",
            dots(title, labels, _series(network, labels)),
            element("figcaption", "Recall by class with 95 % intervals by group."),
        ),
        _table(network, labels),
        element("h4", "Confusion"),
        paragraph(
            "Counts of images; classes that neither a label nor a vote names are left out.",
            class_="note",
        ),
        _confusions(network),
    )


def _series(network: NetworkStudy, labels: Sequence[str]) -> list[Series]:
    return [
        Series(
            name=variant_name(row.variant),
            values=tuple(row.figures["recall"].get(name) for name in labels),
            intervals=tuple(row.intervals.get(f"recall {name}") for name in labels),
        )
        for row in network.rows
    ]


def _table(network: NetworkStudy, labels: Sequence[str]) -> Markup:
    variants = [variant_name(row.variant) for row in network.rows]
    heads = ("class", "images", *(f"{key} {name}" for key in ("recall", "F1") for name in variants))
    return table(heads, [_row(network, name) for name in labels])


def _row(network: NetworkStudy, name: str) -> Sequence[Child]:
    cells = [
        below(fraction(row.figures[key].get(name), 3), span(row.intervals.get(f"{key} {name}"), 3))
        for key in ("recall", "f1")
        for row in network.rows
    ]
    return (short(name, 30), count(network.images_by_label[name]), *cells)


def _confusions(network: NetworkStudy) -> Markup:
    """A matrix a variant, all with the same columns."""
    kept = named([row.confusion for row in network.rows])
    found = []
    for row in network.rows:
        name = variant_name(row.variant)
        drawn = matrix(f"Confusion matrix of {name}", row.confusion, kept)
        found.append(element("figure", drawn, element("figcaption", name), class_="matrix"))
    return element("div", found, class_="row three" if len(kept) <= FEW else "row")
