"""Whether the figures can be trusted, before any of them."""

from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.tables import paragraph


def trust(profile: Profile) -> Markup:
    """The verdict, its reasons, and what was not measured."""
    if profile.trusted:
        verdict = element(
            "div",
            paragraph(element("b", "No reason was found not to trust these figures.")),
            class_="verdict passed",
        )
    else:
        verdict = element(
            "div",
            paragraph(element("b", "These figures cannot be trusted.")),
            element("ul", [element("li", one) for one in profile.reasons]),
            class_="verdict failed",
        )
    return joined(verdict, _untrained(profile), _not_measured(profile))


def _untrained(profile: Profile) -> Markup | None:
    if not profile.untrained:
        return None
    names = ", ".join(profile.untrained)
    return paragraph(f"Random weights, for their timing only: {names}.", class_="alert")


def _not_measured(profile: Profile) -> Markup | None:
    if not profile.not_measured:
        return None
    rows = [element("li", f"{one.what}: {one.why}") for one in profile.not_measured]
    return joined(element("h3", "Not measured"), element("ul", rows))
