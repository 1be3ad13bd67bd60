"""The report as one HTML file: no script, no link to outside, every text escaped, the same bytes for the same study."""

from collections.abc import Callable

from leukoscope.runtime.report.contents import Study
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

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Even a mistake of ours could load nothing from outside."""
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
    page = element("html", _head(study), element("body", _main(study)), lang="en")
    return f"<!doctype html>\n{page}\n"


def _head(study: Study) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Validation of {study.bundle} ({RESEARCH_USE.lower()})"),
        element("style", Markup(CSS)),
    )


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
