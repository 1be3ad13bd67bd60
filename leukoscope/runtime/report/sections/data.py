"""Which images judged, and which were left out and why."""

from collections.abc import Mapping, Sequence

from leukoscope.runtime.report.contents import NetworkStudy, Study
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import count, plural
from leukoscope.runtime.report.tables import names as in_columns
from leukoscope.runtime.report.tables import terms
from leukoscope.runtime.report.words import network_name

NAMES_SHOWN = 20


def data(study: Study) -> Markup:
    """The folders, then a list and a count by class for each network."""
    folders = terms([("data folders", ", ".join(study.data))]) if study.data else None
    return joined(folders, [_network(one) for one in study.networks])


def _network(network: NetworkStudy) -> Markup:
    return joined(
        element("h3", network_name(network.network)),
        terms([*_terms(network), *_by_label(network.images_by_label)]),
        _unreadable(network.unreadable),
    )


def _terms(network: NetworkStudy) -> list[tuple[str, Child]]:
    inferred = " (inferred from file numbers)" if network.groups_inferred else ""
    left_out = [f"{count(n)} {cause}" for cause, n in network.left_out.items() if n]
    if network.unreadable:
        left_out.append(f"{count(len(network.unreadable))} unreadable")
    pairs: list[tuple[str, Child]] = [
        ("judged", f"{plural(network.n, 'image')} of {plural(network.groups, 'group')}{inferred}"),
        ("left out", ", ".join(left_out) or "none"),
        ("used in training", count(network.in_training) if network.in_training else "none"),
        ("vote", "the boosted trees" if network.voter == "trees" else "the network's own head"),
    ]
    if network.excluded:
        words = (
            f"{plural(network.excluded, 'image')}: no class figure counts them, masks and maps do"
        )
        pairs.append(("label not counted", words))
    if network.label_map:
        pairs.append(("label map", network.label_map))
    return pairs


def _by_label(images: Mapping[str, int]) -> list[tuple[str, Child]]:
    if not any(images.values()):
        return [("labels", "none: there are no class figures")]
    there = ", ".join(f"{short(name)}\u00a0{count(n)}" for name, n in images.items() if n)
    absent = ", ".join(short(name) for name, n in images.items() if not n)
    return [("by class", there), *([("no image of", absent)] if absent else [])]


def _unreadable(names: Sequence[str]) -> Markup | None:
    if not names:
        return None
    shown: list[Child] = [element("code", short(name)) for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        shown.append(f"and {count(len(names) - NAMES_SHOWN)} more")
    return joined(element("h4", "Could not be read"), in_columns(shown))
