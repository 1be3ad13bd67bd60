"""The slide's report as one HTML file: no script, no link to outside, every text escaped, the same bytes for the same journal."""

from collections.abc import Callable

from leukoscope import __version__
from leukoscope.runtime.report.document import document
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.slide_report.contents import Slide
from leukoscope.runtime.slide_report.sections.cells import cells
from leukoscope.runtime.slide_report.sections.conclusion import conclusion
from leukoscope.runtime.slide_report.sections.flagged import flagged
from leukoscope.runtime.slide_report.sections.gallery import gallery
from leukoscope.runtime.slide_report.sections.head import head, title
from leukoscope.runtime.slide_report.sections.identity import identity
from leukoscope.runtime.slide_report.sections.left_out import left_out
from leukoscope.runtime.slide_report.sections.models import models
from leukoscope.runtime.slide_report.sections.review import review
from leukoscope.runtime.slide_report.sections.stages import stages
from leukoscope.runtime.slide_report.sections.timeline import timeline
from leukoscope.runtime.slide_report.style import css
from leukoscope.runtime.slide_report.words import NOTICE

SECTIONS: tuple[tuple[str, Callable[[Slide], Markup]], ...] = (
    ("Conclusion", conclusion),
    ("Stages", stages),
    ("Differential count", cells),
    ("Review", review),
    ("Fields that weigh most", gallery),
    ("Flagged fields", flagged),
    ("What became no field", left_out),
    ("Timeline", timeline),
    ("Models", models),
    ("Sessions", identity),
)


def html(slide: Slide) -> str:
    """The page."""
    heading = f"{title(slide)} ({NOTICE.lower()})"
    return document(heading, css(title(slide)), _main(slide))


def _main(slide: Slide) -> Markup:
    return element(
        "main",
        element("p", element("b", NOTICE), ". Not a medical device.", class_="strip"),
        head(slide),
        [_section(i, name, make(slide)) for i, (name, make) in enumerate(SECTIONS, start=1)],
        element("footer", f"{NOTICE}. Not a medical device. Written by Leukoscope {__version__}."),
    )


def _section(number: int, name: str, body: Markup) -> Markup:
    return element("section", joined(element("h2", f"{number}\u2002{name}"), body))
