"""How far the Grad-CAM maps agree, and the images on which they agree least."""

from base64 import b64encode
from collections.abc import Sequence

from leukoscope.runtime.report.charts.histogram import begin_of, histogram
from leukoscope.runtime.report.contents import Example, NetworkStudy, Study, VariantRow
from leukoscope.runtime.report.markup import Markup, element, joined, short
from leukoscope.runtime.report.numbers import fraction
from leukoscope.runtime.report.tables import paragraph
from leukoscope.runtime.report.words import network_name, variant_name

LEAD = (
    "Spearman's rank correlation of each image's Grad-CAM map with the float model's, for the class that the float "
    "model voted: 1 is the same order of every place of the map."
)
TRIPLES = (
    "The images on which variant and float model agree least, those whose vote changed first. Left the image, in the "
    "middle the float model's map, on the right the variant's; both of the class that the float model voted, each over "
    "its own highest value; the darker, the more evidence."
)


def maps(study: Study) -> Markup:
    """Histograms and triples of every variant but the float one."""
    parts = [_network(one) for one in study.networks if len(one.rows) > 1 and one.n]
    if not parts:
        return paragraph("There is no variant whose maps could be compared with the float model's.")
    return joined(paragraph(LEAD, class_="note"), parts)


def _network(network: NetworkStudy) -> Markup:
    others = [
        (series, row) for series, row in enumerate(network.rows) if row.variant != network.reference
    ]
    low = begin_of([value for _, row in others for value in row.agreements])
    return joined(
        element("h3", network_name(network.network)),
        [_histogram(row, series, low) for series, row in others],
        [_triples(row) for _, row in others],
    )


def _histogram(row: VariantRow, series: int, low: float) -> Markup:
    name = variant_name(row.variant)
    budget = None if row.verdict is None else row.verdict.budgets.min_cam_agreement
    drawn = histogram(
        f"Agreement of the maps of {name} with the float model's",
        row.agreements,
        series,
        low=low,
        middle=row.figures.get("cam_agreement"),
        floor=budget,
    )
    return element("figure", drawn, element("figcaption", f"{name}: {_spread(row.agreements)}"))


def _spread(ascending: Sequence[float]) -> str:
    """The lowest values in words."""
    tenth = ascending[(len(ascending) - 1) // 10]
    n = len(ascending)
    return f"{n} images; one in ten is at or below {fraction(tenth, 3)}, the lowest is {fraction(ascending[0], 3)}"


def _triples(row: VariantRow) -> Markup | None:
    if not row.examples:
        return None
    return joined(
        element("h4", f"{variant_name(row.variant)}: where it agrees least"),
        paragraph(TRIPLES, class_="note"),
        element("div", [_triple(one, row.variant) for one in row.examples], class_="triples"),
    )


def _triple(one: Example, variant: str) -> Markup:
    pictures = (
        (one.image_jpeg, "image"),
        (one.float_map_jpeg, "map of the float model"),
        (one.variant_map_jpeg, f"map of {variant_name(variant)}"),
    )
    return element(
        "figure",
        element("div", [_picture(data, alt) for data, alt in pictures], class_="triple"),
        element("figcaption", element("code", short(one.name, 60)), element("br"), _caption(one)),
    )


def _caption(one: Example) -> Markup:
    truth = f"label {one.truth}; " if one.truth else ""
    before = f"float {one.float_vote} {one.float_probability:.2f}"
    after = f"variant {one.variant_vote} {one.variant_probability:.2f}"
    changed = one.float_vote != one.variant_vote
    return joined(
        f"{truth}{before}, ",
        element("b", after) if changed else after,
        f"; agreement {fraction(one.agreement, 3)}",
    )


def _picture(data: bytes, alt: str) -> Markup:
    return element("img", src=f"data:image/jpeg;base64,{b64encode(data).decode()}", alt=alt)
