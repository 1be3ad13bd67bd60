"""The report as one HTML file: no script, no link to outside, every text escaped, the same bytes for the same study."""

from collections.abc import Callable

from leukoscope.runtime.report.contents import Study
from leukoscope.runtime.report.document import document
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.sections.classes import classes
from leukoscope.runtime.report.sections.data import data
from leukoscope.runtime.report.sections.figures import figures
from leukoscope.runtime.report.sections.identity import identity
from leukoscope.runtime.report.sections.layers import layers
from leukoscope.runtime.report.sections.make_up import make_up
from leukoscope.runtime.report.sections.maps import maps
from leukoscope.runtime.report.sections.reliability import reliability
from leukoscope.runtime.report.sections.verdict import verdict
from leukoscope.runtime.report.style import CSS
from leukoscope.runtime.report.words import RESEARCH_USE

SECTIONS: tuple[tuple[str, Callable[[Study], Markup]], ...] = (
    ("Verdict", verdict),
    ("Images", data),
    ("Figures", figures),
    ("Classes", classes),
    ("Probabilities", reliability),
    ("Maps", maps),
    ("Layers", layers),
    ("Calibration set", make_up),
    ("Identity and machine", identity),
)


def html(study: Study) -> str:
    """The page."""
    heading = f"Validation of {study.bundle} ({RESEARCH_USE.lower()})"
    return document(heading, CSS, _main(study))


def _main(study: Study) -> Markup:
    return element(
        "main",
        element("p", element("b", RESEARCH_USE), ". Not a medical device.", class_="strip"),
        element("h1", "Validation report"),
        element(
            "p", f"{study.bundle}; {study.created}; Leukoscope {study.leukoscope}", class_="sub"
        ),
        [_section(i, title, make(study)) for i, (title, make) in enumerate(SECTIONS, start=1)],
        element(
            "footer",
            f"{RESEARCH_USE}. Not a medical device. Made by Leukoscope {study.leukoscope}.",
        ),
    )


def _section(number: int, title: str, body: Markup) -> Markup:
    return element("section", joined(element("h2", f"{number}\u2002{title}"), body))
