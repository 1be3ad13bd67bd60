"""The top of the page: which slide, what must not be missed, and the slide at a glance."""

from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import count, listed, plural
from leukoscope.runtime.report.tables import paragraph, terms
from leukoscope.runtime.slide_report.contents import EMPTY, RUNNING, Slide
from leukoscope.runtime.slide_report.moments import for_people

CRASHED = "its last fields may be missing; every field that it had committed is in this report."
STILL = (
    "This slide is still being written: the report holds what was committed when it was read, "
    "and comes to no conclusion."
)
SOURCES_SHOWN = 3


def title(slide: Slide) -> str:
    """`Slide S-17/3`."""
    return f"Slide {short(slide.name)}" if slide.name else "Slide without a name"


def head(slide: Slide) -> Markup:
    """Title, banners, and a list of facts."""
    return joined(
        element("h1", title(slide)),
        paragraph(_told_by(slide), class_="sub"),
        _banners(slide),
        terms(_facts(slide)),
    )


def _told_by(slide: Slide) -> str:
    versions = listed(sorted({one.version for one in slide.sessions}))
    began = for_people(slide.made_wall_ns)
    return f"Slide report; journal begun {began}; judged by Leukoscope {versions or 'unknown'}"


def _banners(slide: Slide) -> list[Markup]:
    found: list[tuple[str, str]] = []
    if slide.state == RUNNING:
        found.append(("Still running. ", STILL))
    for number in slide.crashed:
        found.append((f"Session {number} crashed: ", CRASHED))
    if slide.state == EMPTY and not slide.fields:
        found.append(("Nothing was judged. ", "The journal holds no field."))
    return [paragraph(element("b", bold), text, class_="alert") for bold, text in found]


def _facts(slide: Slide) -> list[tuple[str, Child]]:
    standing = slide.standing
    counted = "after review" if slide.reviewed else "by the machine; nobody has reviewed"
    return [
        (
            "fields judged",
            f"{count(len(slide.fields))}, of which {count(standing.stages.total)} count",
        ),
        ("white cells", f"{count(standing.cells.total)}, each of the slide once"),
        ("counted", counted),
        ("sessions", plural(len(slide.sessions), "session")),
        ("source", _sources(slide)),
        ("device", listed(list(dict.fromkeys(one.device for one in slide.sessions)))),
        ("bundle (SHA-256)", _bundles(slide)),
    ]


def _sources(slide: Slide) -> str:
    named = list(dict.fromkeys(short(one.source) for one in slide.sessions))
    more = len(named) - SOURCES_SHOWN
    return ", ".join(named[:SOURCES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _bundles(slide: Slide) -> Markup:
    digests = dict.fromkeys(one.bundle_sha256 for one in slide.sessions)
    return joined([element("code", digest) for digest in digests])
