"""What figures mean, by rule: each function turns figures into a sentence, and says nothing that they do not hold."""

from collections.abc import Mapping, Sequence

from card.words import Json, by_group, listed, number, percent, span

FAR = 0.10
"""Above chance by so much, and with Wilson's interval wholly above it, is far above chance (our choice)."""
CHANGED = 0.5
"""A map that keeps less of its rank correlation than this, midway from the original to another image's, has changed (our choice)."""
FEW_GROUPS = 10


def is_far_above(accuracy: Json, chance: float) -> bool:
    """Whether an accuracy is far above chance."""
    return bool(accuracy["value"] >= chance + FAR and accuracy["wilson"][0] > chance)


def shortcut(network: str, painted: Json, voter: str) -> str:
    """The first sentence of XIncept-ALL's card."""
    found = painted["paintings"]["cells painted out"]["by"][voter]["accuracy"]
    chance = painted["chance"]
    figures = (
        f"{percent(found['value'])} of {found['n']} held-out fields (Wilson {span(found['wilson'])}; always naming the "
        f"commonest class gets {number(chance)})"
    )
    if is_far_above(found, chance):
        return (
            f"**With every white cell painted out, {network} still names the stage of {figures}: much of its answer does not "
            "come from the white cells.**"
        )
    above = found["wilson"][0] > chance
    return (
        f"With every white cell painted out, {network} names the stage of {figures}: "
        f"{'little above' if above else 'about'} chance."
    )


def overlooked(painted: Json) -> str:
    """How far the painting can be trusted."""
    left, area = painted["nuclear_stain_left"], painted["painted_area"]
    if left is None:
        return "SG-CLDFF found no nucleus, so nothing was painted out."
    return (
        f"The cells are SG-CLDFF's: painting covers {number(area['value'])} of a field on average and leaves "
        f"{number(left['value'])} of the pixels that are as dark in red as half of the nuclei's. What is left may be white cells that "
        "were overlooked, or dark red cells."
    )


def beside_colour(found: Json, voter: str, what: str) -> str | None:
    """An accuracy, and the better of colour's beside it."""
    if found["colour"] is None:
        return None
    mine, colour = found["by"][voter]["accuracy"]["value"], max(found["colour"].values())
    if mine > colour:
        verdict = f"{number(mine - colour)} above"
    elif mine == colour:
        verdict = "the same as"
    else:
        verdict = f"{number(colour - mine)} below"
    return f"{what} its accuracy is {number(mine)}, {verdict} what the nearest neighbour by colour alone gets ({number(colour)})."


def worst(shifts: Json, names: Sequence[str], voter: str) -> tuple[str, float]:
    """The shift among `names` that costs most, and the accuracy under it."""
    values = {name: shifts[name]["by"][voter]["accuracy"]["value"] for name in names}
    name = min(values, key=values.__getitem__)
    return name, values[name]


def energy(figures: Json) -> str:
    """How much of the maps lies on cells, beside the area."""
    on_cells, area = figures["energy"], figures["area"]
    if on_cells is None:
        return "No map could be held against cells."
    ratio = on_cells["value"] / area["value"]
    words = (
        "no more than an even map would"
        if ratio <= 1
        else f"{ratio:.1f} times what an even map would"
    )
    return f"{number(on_cells['value'])} of the energy lies on cells, which cover {number(area['value'])} of the area: {words}."


def occlusion(figures: Json) -> str:
    """Whether the map's order beats a random one, by the intervals of the differences."""
    words = []
    for name, sign, good in (("deletion", -1, "faster"), ("insertion", 1, "sooner")):
        one = figures[name]["difference"]
        ends = one["by_group"]
        verb = "falls" if name == "deletion" else "comes back"
        if ends is None or ends[0] <= 0 <= ends[1]:
            words.append(f"under {name} the map's order cannot be told from a random one")
        elif one["value"] * sign > 0:
            words.append(f"under {name} the probability {verb} {good} than in random order")
        else:
            words.append(f"under {name} the map's order does worse than a random one")
    return f"{words[0][0].upper()}{words[0][1:]}; {words[1]}."


def sanity(check: Json) -> str:
    """Whether the maps depend on what was learnt."""
    if "not_run" in check:
        return f"The check with randomised weights was not run: {check['not_run']}."
    stages, other = check["stages"], check["other_image"]["spearman"]
    line = other + CHANGED * (1 - other)
    below = [all(one["spearman"] < line for one in stages[k:]) for k in range(len(stages))]
    changed = next((one for one, stays in zip(stages, below, strict=True) if stays), None)
    last, head = stages[-1]["spearman"], stages[0]["spearman"]
    told = f"Rank correlation with the original's map is {number(head)} with a random head, {number(last)} with all weights random"
    reference = f"maps of different images have {number(other)} in common"
    if changed is None:
        return f"{told} ({reference}): **the maps hardly depend on what the network has learnt.**"
    share = f"from {changed['layers']} of {stages[-1]['layers']} random layers on the map is another one"
    if head >= line:
        share += "; with the head alone random it is not: it shows where features are, more than which class they speak for"
    return f"{told} ({reference}); {share}."


def few_groups(figures: Mapping[str, Json]) -> str | None:
    """A limit that holds where intervals rest on few groups."""
    few = [name for name, one in figures.items() if one["groups"] < FEW_GROUPS]
    if not few:
        return None
    return f"Fewer than {FEW_GROUPS} held-out groups of {listed(few)}: intervals by group are too narrow there, and the split's luck is large."


def rate(figure: Json | None) -> str:
    """A share with both intervals."""
    if figure is None:
        return "-"
    return f"{number(figure['value'])} of {figure['n']}, Wilson {span(figure['wilson'])}, by group {by_group(figure)}"
