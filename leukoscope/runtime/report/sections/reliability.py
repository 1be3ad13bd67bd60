"""Whether the probabilities mean what they say."""

from leukoscope.runtime.report.charts.reliability import reliability as diagram
from leukoscope.runtime.report.contents import NetworkStudy, Study
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.numbers import fraction
from leukoscope.runtime.report.tables import paragraph
from leukoscope.runtime.report.words import network_name, variant_name

LEAD = (
    "The share of right votes against the probability that they were given, in 15 bins; on the dashed line both are "
    "the same. A mark's area is the share of images in its bin, its upright line the 95 % interval (Wilson, images taken "
    "for independent); the bars below count the images."
)


def reliability(study: Study) -> Markup:
    """A diagram a variant, for networks with labels."""
    parts = [_network(one) for one in study.networks if any(one.images_by_label.values())]
    if not parts:
        return paragraph("No image has a label.")
    return joined(paragraph(LEAD, class_="note"), parts)


def _network(network: NetworkStudy) -> Markup:
    figures = []
    for series, row in enumerate(network.rows):
        name = variant_name(row.variant)
        ece = fraction(row.figures.get("ece"), 3)
        drawn = diagram(f"Reliability of {name}", row.reliability, series)
        caption = element("figcaption", f"{name}: calibration error {ece}")
        figures.append(element("figure", drawn, caption))
    return joined(
        element("h3", network_name(network.network)), element("div", figures, class_="row three")
    )
