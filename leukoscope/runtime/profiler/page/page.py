"""The profile as one HTML file: no script, no link to outside, every text escaped."""

from collections.abc import Callable

from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.profiler.page.sections.fields import fields
from leukoscope.runtime.profiler.page.sections.layers import layers
from leukoscope.runtime.profiler.page.sections.machine import machine
from leukoscope.runtime.profiler.page.sections.stream import start, stream
from leukoscope.runtime.profiler.page.sections.trust import trust
from leukoscope.runtime.profiler.page.sections.variants import variants
from leukoscope.runtime.report.document import document
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.style import CSS
from leukoscope.runtime.report.words import RESEARCH_USE

PRINTED = (
    '@page{@bottom-left{content:"Leukoscope profile: research use only";'
    "font:8pt sans-serif;color:#5f6671}}"
)
"""After the validation report's own line, which it takes the place of."""
SECTIONS: tuple[tuple[str, Callable[[Profile], Markup]], ...] = (
    ("Can it be trusted?", trust),
    ("Latency", variants),
    ("A field by stage", fields),
    ("The stream at a camera's rate", stream),
    ("Cold start and memory", start),
    ("Layers and the floor", layers),
    ("Machine", machine),
)


def html(profile: Profile) -> str:
    """The page."""
    heading = f"Profile of {profile.bundle} ({RESEARCH_USE.lower()})"
    return document(heading, CSS + PRINTED, _main(profile))


def _main(profile: Profile) -> Markup:
    made_by = f"{profile.bundle}; {profile.created}; Leukoscope {profile.leukoscope}"
    notice = f"{RESEARCH_USE}. Not a medical device."
    return element(
        "main",
        element("p", element("b", RESEARCH_USE), ". Not a medical device.", class_="strip"),
        element("h1", "Profile"),
        element("p", made_by, class_="sub"),
        [_section(i, title, make(profile)) for i, (title, make) in enumerate(SECTIONS, start=1)],
        element("footer", f"{notice} Made by Leukoscope {profile.leukoscope}."),
    )


def _section(number: int, title: str, body: Markup) -> Markup:
    return element("section", joined(element("h2", f"{number}\u2002{title}"), body))
