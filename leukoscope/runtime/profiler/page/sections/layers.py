"""The layers against the machine's floor."""

from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.modules_chart import modules_chart
from leukoscope.runtime.profiler.layers.roofline import ModuleTime
from leukoscope.runtime.profiler.layers.roofline_chart import roofline_chart
from leukoscope.runtime.profiler.page.sections.figures import ms, percent
from leukoscope.runtime.report.markup import Child, Markup, element, joined
from leukoscope.runtime.report.numbers import NONE
from leukoscope.runtime.report.tables import paragraph, table
from leukoscope.runtime.report.words import network_name, variant_name

SHOWN_MODULES = 24
HEADS = ("module", "layers", "time", "share", "floor", "times the floor")


def layers(profile: Profile) -> Markup:
    """A part a study."""
    if not profile.layers:
        return paragraph("Not measured (--layers).")
    return joined([_study(name, study) for name, study in profile.layers.items()])


def _study(name: tuple[str, str, str], study: LayerStudy) -> Markup:
    network, precision, backend = name
    title = f"{network_name(network)}, {variant_name(precision)} on {backend}"
    distance = NONE if study.distance is None else f"{study.distance:.1f}"
    words = (
        f"{ms(study.ms)} a call with the profile on, floor {ms(study.floor_ms)}: {distance} times the floor. "
        f"{percent(study.unmapped_share)} of the layers' time belongs to no module that is known."
    )
    return joined(
        element("h3", title),
        paragraph(words),
        element("figure", element("figcaption", "Roofline"), roofline_chart(study)),
        element("figure", element("figcaption", "Modules"), modules_chart(study)),
        table(HEADS, [_row(one) for one in study.modules[:SHOWN_MODULES]]),
        [paragraph(note, class_="note") for note in study.notes],
    )


def _row(one: ModuleTime) -> list[Child]:
    distance = NONE if one.distance is None else f"{one.distance:.1f}"
    return [one.name, one.layers, ms(one.ms), percent(one.share), ms(one.floor_ms), distance]
