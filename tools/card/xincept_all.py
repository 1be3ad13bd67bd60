"""XIncept-ALL's card."""

from measure.shifts import TOGETHER

from card import judgements, making, tables
from card.facts import Facts
from card.words import listed, number

USES = (
    "To study how stage classifiers of leukaemia smears behave on a computer beside the microscope: speed, precision, stream, "
    "explanation. It names a whole field Benign, Early, Pre or Pro."
)
NOT_FOR = (
    "diagnosis, triage, or any decision about a patient; fields of another microscope, stain or camera than its training set's without "
    "measuring first; single-cell images; diseases other than acute lymphoblastic leukaemia."
)


def card(facts: Facts) -> str:
    """The whole page."""
    sections = [
        "# Model card: XIncept-ALL",
        opening(facts),
        making.purpose(USES, NOT_FOR),
        making.identity(facts),
        making.data(facts),
        figures(facts),
        robustness(facts),
        shortcuts(facts),
        explanations(facts),
        limits(facts),
        making.recipe(facts),
        making.measured(facts),
    ]
    return "\n\n".join(sections) + "\n"


def voter_of(facts: Facts) -> str:
    """Who votes: the trees, where there are any."""
    one = next(iter(facts.sets("held_out", "figures").values()))
    return str(next(iter(one["by"])))


def opening(facts: Facts) -> str:
    """What must be known first."""
    voter = voter_of(facts)
    words: list[str | None] = []
    for painted in facts.shortcuts["painted"].values():
        words.append(judgements.shortcut("XIncept-ALL", painted, voter))
    for name, one in facts.sets("held_out", "figures").items():
        what = f"With the cells, on {one['n']} held-out fields of {name},"
        words.append(judgements.beside_colour(one, voter, what))
    for found in facts.sets("robustness", "shifted").values():
        hardest, _ = judgements.worst(found["shifts"], TOGETHER, voter)
        what = f"On {found['n']} of them under a shift ({hardest})"
        words.append(judgements.beside_colour(found["shifts"][hardest], voter, what))
    return " ".join(word for word in words if word)


def figures(facts: Facts) -> str:
    """Figures by class."""
    parts = ["## Figures on held-out images"]
    for name, one in facts.sets("held_out", "figures").items():
        parts.append(tables.counted(name, one))
        for voter, found in one["by"].items():
            parts += [f"By {voter}:", tables.classes(found), tables.confusion(found)]
    return "\n\n".join(parts)


def robustness(facts: Facts) -> str:
    """Shifts."""
    voter, parts = (
        voter_of(facts),
        ["## Robustness", "![Figures by shift](../figures/robustness.svg)"],
    )
    for name, found in facts.sets("robustness", "shifted").items():
        hardest, value = judgements.worst(found["shifts"], list(found["shifts"]), voter)
        together, both = judgements.worst(found["shifts"], TOGETHER, voter)
        parts.append(
            f"**{name}**, {tables.sampled(found)} The {voter} vote. Worst of hue by 10 degrees with brightness by 15 %: "
            f"{number(both)} ({together}); worst of all: {number(value)} ({hardest})."
        )
        parts.append(tables.shifted(found))
    return "\n\n".join(parts)


def shortcuts(facts: Facts) -> str:
    """Painted fields."""
    parts = ["## Shortcut control"]
    for name, painted in facts.shortcuts["painted"].items():
        parts += [
            f"**{name}**, {painted['n']} of {painted['of']} held-out fields; colour alone from {painted['known']} training fields "
            f"painted alike. {judgements.overlooked(painted)} A painted field is unlike any that the network was trained on, so a fall is "
            "no proof that it reads cells; what remains is proof that it reads something else.",
            tables.painted(painted),
        ]
    return "\n\n".join(parts)


def explanations(facts: Facts) -> str:
    """Grad-CAM measured."""
    sets, check = (
        facts.sets("explanations", "maps"),
        facts.explanations["randomised"][facts.network],
    )
    parts = [
        "## Explanations",
        "Grad-CAM of the voted class; the cells are those that SG-CLDFF finds.",
    ]
    for name, one in sets.items():
        parts.append(f"{name}: {judgements.energy(one)} {judgements.occlusion(one)}")
    parts += [tables.maps(sets), judgements.sanity(check)]
    stages = tables.randomised(check)
    return "\n\n".join([*parts, stages] if stages else parts)


def limits(facts: Facts) -> str:
    """What the figures do not say."""
    sets = facts.sets("held_out", "figures")
    groups = {name: one["by"][voter_of(facts)]["accuracy"] for name, one in sets.items()}
    seen = facts.held_out["sets"]
    known = [name for name in sets if seen[name]["seen_in_training"]]
    points = [
        making.groups_warning(facts),
        judgements.few_groups(groups),
        f"All figures on {listed(known)} are on images of a source that training has seen; on another laboratory's they say nothing."
        if known
        else None,
        "One training run, one split: another seed gives other figures.",
        "The four classes are those of the data set, not a diagnosis; nobody has checked its labels for this work.",
    ]
    return "## Limits\n\n" + "\n".join(f"- {point}" for point in points if point)
