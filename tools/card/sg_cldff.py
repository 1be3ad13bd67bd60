"""SG-CLDFF's card."""

from card import judgements, making, tables
from card.facts import Facts
from card.words import listed, number, value_of

USES = (
    "To outline white cells in smear fields and single-cell images (background, cytoplasm, nucleus), to name their type, and to study how "
    "such a network behaves on a computer beside the microscope."
)
NOT_FOR = (
    "diagnosis, a differential count that anybody relies on, or any decision about a patient; stains, magnifications and cameras unlike those "
    "of its training sets without measuring first."
)
LEAST_TYPES = 0.9
"""Balanced accuracy below which the opening says that types are not reliable (our choice)."""
MOST_FALSE = 0.02
"""Share of false blasts above which the opening says so (the project's target)."""


def card(facts: Facts) -> str:
    """The whole page."""
    sections = [
        "# Model card: SG-CLDFF",
        opening(facts),
        making.purpose(USES, NOT_FOR),
        making.identity(facts),
        making.data(facts),
        figures(facts),
        blasts(facts),
        robustness(facts),
        explanations(facts),
        limits(facts),
        making.recipe(facts),
        making.measured(facts),
    ]
    return "\n\n".join(sections) + "\n"


def opening(facts: Facts) -> str:
    """What must be known first: masks, types, false blasts."""
    sets = facts.sets("held_out", "figures")
    masks = [f"{name} {value_of(one['iou']['cell'])}" for name, one in sets.items() if one["iou"]]
    words = [f"IoU of the white cell on held-out images: {', '.join(masks)}."] if masks else []
    balanced = {
        name: one["by"]["type"]["balanced_accuracy"]["value"]
        for name, one in sets.items()
        if one["by"]["type"]
    }
    weak = [f"{name} ({number(v)})" for name, v in balanced.items() if v < LEAST_TYPES]
    strong = [f"{name} ({number(v)})" for name, v in balanced.items() if v >= LEAST_TYPES]
    if weak:
        words.append(f"**Types are not reliable on {listed(weak)}**, in balanced accuracy.")
    if strong:
        words.append(f"Balanced accuracy of types: {listed(strong)}.")
    return " ".join([*words, false_blasts(facts)])


def false_blasts(facts: Facts) -> str:
    """Where a blast is named that is none."""
    found = {n: one["images"] for n, one in facts.held_out["blasts"]["false"].items()}
    above = [
        f"{n} ({number(one['value'])})" for n, one in found.items() if one["value"] > MOST_FALSE
    ]
    if above:
        return f"**It names blasts where there are none on {listed(above)}**, in share of images."
    named = [f"{name} ({number(one['value'])})" for name, one in found.items()]
    return (
        f"Share of images without blasts in which it names one: {listed(named)}." if named else ""
    )


def figures(facts: Facts) -> str:
    """Masks, then types by set."""
    sets = facts.sets("held_out", "figures")
    parts = [
        "## Figures on held-out images",
        "Whole images; IoU is pooled over pixels.",
        tables.masks(sets),
    ]
    parts.append(
        "Types: of the largest cell that was found, from its own crop; where none was found, of the whole image. A label that stands for "
        "several types is scored by their summed probability."
    )
    for name, one in sets.items():
        if found := one["by"]["type"]:
            parts += [tables.counted(name, one), tables.classes(found), tables.confusion(found)]
    return "\n\n".join(parts)


def blasts(facts: Facts) -> str:
    """False blasts, lymphocytes and blasts taken for each other."""
    found = facts.held_out["blasts"]
    parts = ["## Blasts", "Called a blast on sets without blasts:", tables.rates(found["false"])]
    if found["lymphocytes"]:
        parts += ["Lymphocytes called blast:", tables.shares(found["lymphocytes"])]
    if found["blasts"]:
        parts += ["Blasts called lymphocyte:", tables.shares(found["blasts"])]
    sets = facts.sets("held_out", "figures")
    for name, area in found["against_the_rest"].items():
        accuracy = judgements.rate(sets[name]["by"]["type"]["accuracy"])
        parts.append(
            f"Blast against the rest on {name}: accuracy {accuracy}; area under the ROC curve {number(area)}."
        )
    return "\n\n".join(parts)


def robustness(facts: Facts) -> str:
    """Shifts."""
    parts = ["## Robustness", "![Figures by shift](../figures/robustness.svg)"]
    for name, found in facts.sets("robustness", "shifted").items():
        parts += [f"**{name}**, {tables.sampled(found)}", tables.shifted(found)]
    return "\n\n".join(parts)


def explanations(facts: Facts) -> str:
    """Grad-CAM measured against drawn masks."""
    sets, check = (
        facts.sets("explanations", "maps"),
        facts.explanations["randomised"][facts.network],
    )
    parts = [
        "## Explanations",
        "Grad-CAM of the voted type on the whole image, against the drawn masks.",
    ]
    for name, one in sets.items():
        parts.append(f"{name}: {judgements.energy(one)} {judgements.occlusion(one)}")
    parts += [tables.maps(sets), judgements.sanity(check)]
    stages = tables.randomised(check)
    return "\n\n".join([*parts, stages] if stages else parts)


def limits(facts: Facts) -> str:
    """What the figures do not say."""
    sets = facts.sets("held_out", "figures")
    groups = {n: one["by"]["type"]["accuracy"] for n, one in sets.items() if one["by"]["type"]}
    seen = facts.held_out["sets"]
    known = [name for name in sets if seen[name]["seen_in_training"]]
    points = [
        making.groups_warning(facts),
        judgements.few_groups(groups),
        f"All figures on {listed(known)} are on images of a source that training has seen; on another maker's they say nothing."
        if known
        else None,
        "The temperature of the types was fitted on the held-out images, which flatters the calibration error there; it moves no vote between "
        "single types.",
        "One training run, one split: another seed gives other figures.",
    ]
    return "## Limits\n\n" + "\n".join(f"- {point}" for point in points if point)
