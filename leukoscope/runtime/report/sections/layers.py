"""Which layers are to blame."""

from collections.abc import Sequence

from leukoscope.runtime.report.charts.layers import layers as chart
from leukoscope.runtime.report.contents import Layer, NetworkStudy, Study
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.numbers import count, plural
from leukoscope.runtime.report.tables import paragraph
from leukoscope.runtime.report.words import network_name

SHOWN = 30
LEAD = (
    "The error at the network's outputs, and at its Grad-CAM maps, when one layer alone is quantized; relative to the "
    "size of the float model's values. Open bars: the variant keeps the layer in float."
)


def layers(study: Study) -> Markup:
    """The worst thirty of each network whose layers were measured."""
    parts = [_network(one) for one in study.networks if one.layers]
    if not parts:
        return paragraph("The bundle holds no measurement of single layers.")
    return joined(paragraph(LEAD, class_="note"), parts)


def worst_of(found: Sequence[Layer], most: int = SHOWN) -> tuple[Layer, ...]:
    """The layers of the greatest error at outputs or maps, whichever is greater."""
    return tuple(sorted(found, key=lambda one: (-_harm(one), one.name))[:most])


def _harm(layer: Layer) -> float:
    return max(layer.output_error, layer.cam_error or 0.0)


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
