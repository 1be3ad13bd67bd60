"""What judged: each network's model card and its gate, as the bundle said of itself when the run began."""

from collections.abc import Iterator, Mapping
from typing import Any

from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import NONE, count, fraction
from leukoscope.runtime.report.tables import left, left_head, paragraph, table, terms
from leukoscope.runtime.report.tolerant import mapping_of, mappings_of, number_of, text_of
from leukoscope.runtime.report.words import OUTCOMES, TASKS, check_name, network_name, variant_name
from leukoscope.runtime.slide_report.contents import Slide

LEAD = "Figures are those that the bundle carries, on the images named there; they say nothing of this slide. Stages and types that were never seen in training cannot be recognised."
NOTHING = "The journal does not say what judged."
TRAINED = {"True": "yes", "False": "no: random weights, for timing only"}
PASSED_OVER = ("confusion",)
DEEPEST = 6
LINES_SHOWN = 40


def models(slide: Slide) -> Markup:
    """A card a network, for each set of models that differs from session to session."""
    sets: list[tuple[list[int], Mapping[str, Any]]] = []
    for session in slide.sessions:
        same = next((one for one in sets if one[1] == session.models), None)
        if same is None:
            sets.append(([session.id], session.models))
        else:
            same[0].append(session.id)
    cards = [_set(sessions, found, alone=len(sets) == 1) for sessions, found in sets]
    return joined(paragraph(LEAD, class_="note"), cards or paragraph(NOTHING))


def _set(sessions: list[int], found: Mapping[str, Any], *, alone: bool) -> Markup:
    networks = mapping_of(found.get("networks"))
    named = None if alone else element("h3", f"Sessions {', '.join(map(str, sessions))}")
    if not networks:
        return joined(named, paragraph(NOTHING))
    voter = {"trees": "the boosted trees", "head": "the network's own head"}.get(
        text_of(found.get("voter")), "nobody: no stages are judged"
    )
    ordered = sorted(networks, key=lambda name: name != FIELD_NETWORK)
    cards = [_card(str(name), mapping_of(networks[name])) for name in ordered]
    return joined(named, terms([("who votes on stages", voter)]), cards)


def _card(name: str, network: Mapping[str, Any]) -> Markup:
    return joined(
        element("h3", network_name(name)),
        terms(_facts(name, network)),
        _gate(network),
        _figures(mapping_of(network.get("metrics"))),
    )


def _facts(name: str, network: Mapping[str, Any]) -> list[tuple[str, Child]]:
    parameters = number_of(network.get("parameters"))
    trained = TRAINED.get(str(network.get("trained")), "not recorded")
    runs = f"{variant_name(text_of(network.get('precision')))} on {text_of(network.get('backend'))}"
    return [
        ("judges", TASKS.get(name, NONE)),
        ("ran as", runs),
        ("size", text_of(network.get("size")) or NONE),
        ("parameters", NONE if parameters is None else count(int(parameters))),
        ("trained", trained),
        ("gate", _gate_words(network)),
        ("checkpoint", element("code", text_of(network.get("checkpoint_sha256")) or NONE)),
    ]


def _gate_words(network: Mapping[str, Any]) -> str:
    gate = mapping_of(network.get("gate"))
    if not gate:
        own = text_of(network.get("precision")) == "fp32"
        return (
            "none: it is the float model, against which others are judged" if own else "not judged"
        )
    outcome = text_of(gate.get("outcome"))
    said = [
        words
        for key, words in (("accepted_undecided", "accepted so"), ("forced", "forced"))
        if gate.get(key) is True
    ]
    images, groups = number_of(gate.get("n")), number_of(gate.get("groups"))
    where = (
        ""
        if images is None or groups is None
        else f", on {images:.0f} images of {groups:.0f} groups"
    )
    return ", ".join([OUTCOMES.get(outcome, outcome or "not recorded").lower(), *said]) + where


def _gate(network: Mapping[str, Any]) -> Markup | None:
    checks = mappings_of(mapping_of(network.get("gate")).get("checks"))
    if not checks:
        return None
    rows = [
        (
            short(check_name(text_of(one.get("name"))), 40),
            fraction(number_of(one.get("reference"))),
            fraction(number_of(one.get("variant"))),
            fraction(number_of(one.get("budget")), 3),
            left(OUTCOMES.get(text_of(one.get("outcome")), text_of(one.get("outcome")))),
        )
        for one in checks
    ]
    return table(
        ("gate", "float", "variant", "allowed to lose", left_head("")), rows, class_="small"
    )


def _figures(metrics: Mapping[str, Any]) -> Markup | None:
    lines = list(figure_lines(metrics))
    if not lines:
        return None
    rows = [(where or "all", left(words)) for where, words in lines[:LINES_SHOWN]]
    return table(("measured on", left_head("figures")), rows, class_="small breaks")


def figure_lines(
    metrics: Mapping[str, Any], where: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    """(`held / pbc / types`, `n 224, accuracy 0.9598`) for every table of numbers in it, to any sane depth."""
    numbers = {str(name): number_of(value) for name, value in metrics.items()}
    known = [
        f"{_plain(name)}\u00a0{_figure(value)}"
        for name, value in numbers.items()
        if value is not None
    ]
    if known:
        yield where, ", ".join(known)
    for name, value in metrics.items():
        if isinstance(value, Mapping) and name not in PASSED_OVER and depth < DEEPEST:
            place = f"{where} / {_plain(str(name))}" if where else _plain(str(name))
            yield from figure_lines(value, place, depth + 1)


def _plain(name: str) -> str:
    return short(name.replace("_", " "), 60)


def _figure(value: float) -> str:
    return count(int(value)) if value == int(value) and value > 1 else fraction(value)
