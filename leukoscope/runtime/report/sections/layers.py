"""Which layers are to blame."""

from collections.abc import Sequence

from leukoscope.runtime.report.calibration import Layer
from leukoscope.runtime.report.charts.layers import layers as chart
from leukoscope.runtime.report.contents import NetworkStudy, Study
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.numbers import count, plural
from leukoscope.runtime.report.tables import paragraph
from leukoscope.runtime.report.words import network_name

SHOWN = 30
LEAD = (
    "What one layer alone in INT8 does. Error at the outputs: of the output that deviates most, the root mean square of the "
    "difference over that of the float output. Error at the maps: 1 less the mean rank correlation. Ranked by their sum. "
    "Open bars: the variant keeps the layer in float."
)


def layers(study: Study) -> Markup:
    """The worst thirty of each network whose layers were measured."""
    parts = [_network(one) for one in study.networks if one.layers]
    if not parts:
        return paragraph("The bundle holds no measurement of single layers.")
    return joined(paragraph(LEAD, class_="note"), parts)


def worst_of(found: Sequence[Layer], most: int = SHOWN) -> tuple[Layer, ...]:
    """The layers that do most harm, the worst first."""
    return tuple(sorted(found, key=lambda one: (-one.harm, one.name))[:most])


def _network(network: NetworkStudy) -> Markup:
    worst = worst_of(network.layers)
    name = network_name(network.network)
    words = f"{plural(len(network.layers), 'layer')} measured, the worst {len(worst)} shown. {_kept(network.layers)}"
    return joined(
        element("h3", name),
        element(
            "figure", chart(f"Sensitivity of layers of {name}", worst), element("figcaption", words)
        ),
    )


def _kept(found: Sequence[Layer]) -> str:
    """How much of the work is left in float."""
    returned = [one for one in found if one.returned]
    total = sum(one.multiply_adds for one in found)
    if not total:
        return f"{count(len(returned))} kept in float."
    share = sum(one.multiply_adds for one in returned) / total
    return f"{count(len(returned))} kept in float: {share:.3f} of these layers' multiply-adds."
