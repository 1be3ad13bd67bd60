"""The tables that both cards have."""

from collections.abc import Iterator, Mapping
from typing import Any

from card.words import Json, by_group, number, percent, span, table, value_of

HEADS = ("", "value", "by group (groups)", "Wilson", "n")
REGIONS = ("cell", "nucleus", "cytoplasm")


def classes(figures: Json) -> str:
    """Accuracy, balanced accuracy and recall by class of one voter, with both intervals."""
    rows = [_row("accuracy", figures["accuracy"]), _row("balanced", figures["balanced_accuracy"])]
    rows += [_row(f"recall, {name}", one) for name, one in figures["recall"].items()]
    rows.append(["calibration error (15 bins)", number(figures["ece"]), "-", "-", "-"])
    return table(HEADS, rows)


def counted(name: str, one: Json) -> str:
    """How many images a set's figures rest on, and what colour alone gets on them."""
    words = f"**{name}**, {one['n']} of {one['of']} held-out images."
    if one["in_training_groups"]:
        words += f" {one['in_training_groups']} of them belong to a group of which training has seen other images."
    if not one["colour"]:
        return words
    mean, both = (number(one["colour"][key]) for key in ("mean", "mean_and_spread"))
    return f"{words} Nearest neighbour by mean colour: {mean}; by mean and spread: {both}."


def confusion(figures: Json) -> str:
    """Votes by class."""
    counts = figures["confusion"]
    names = list(dict.fromkeys([*counts, *(name for row in counts.values() for name in row)]))
    rows = [[truth, *(str(row.get(name, 0)) for name in names)] for truth, row in counts.items()]
    return table(["label, then votes", *names], rows)


def masks(sets: Mapping[str, Json]) -> str:
    """IoU by set and region."""
    rows = []
    for name, one in sets.items():
        for region in REGIONS if one["iou"] else ():
            found = one["iou"][region]
            interval = span(found["by_image"])
            rows.append(
                [name, region, value_of(found), by_group(found), interval, str(one["iou"]["n"])]
            )
    return table(["set", "region", "IoU", "by group (groups)", "by image", "n"], rows)


def painted(one: Json) -> str:
    """Accuracy by painting and voter, beside colour alone."""
    voters = list(next(iter(one["paintings"].values()))["by"])
    heads = ["fields", *(f"{v}, Wilson" for v in voters), "colour: mean", "mean and spread"]
    rows = []
    for name, found in one["paintings"].items():
        figures = [found["by"][v]["accuracy"] for v in voters]
        cells = [f"{number(f['value'])}, {span(f['wilson'])}" for f in figures]
        colour = found["colour"] or {}
        rows.append([name, *cells, *(number(colour.get(k)) for k in ("mean", "mean_and_spread"))])
    return table(heads, rows)


def maps(sets: Mapping[str, Json]) -> str:
    """Energy, area, pointing game, deletion and insertion by set."""
    heads = [
        "set",
        "n",
        "energy on cells",
        "by group (groups)",
        "cells' area",
        "pointing game, Wilson",
    ]
    heads += ["deletion, random", "insertion, random", "n"]
    rows = [[name, *_maps(one)] for name, one in sets.items()]
    return table(heads, rows)


def randomised(check: Json) -> str | None:
    """Likeness of the maps by stage of randomisation."""
    if "not_run" in check:
        return None
    stages = [check["other_image"], *check["stages"]]
    rows = [
        [
            f"`{one['stage']}`" if one["layers"] else one["stage"],
            str(one["layers"]),
            number(one["spearman"]),
            number(one["ssim"]),
        ]
        for one in stages
    ]
    return table(["random down to", "layers", "rank correlation", "SSIM"], rows)


def rates(found: Mapping[str, Any]) -> str:
    """False blasts by set, of images and of cells."""
    rows = [
        [name, kind, *_row("", one)[1:]]
        for name, kinds in found.items()
        for kind, one in kinds.items()
        if one is not None
    ]
    return table(["set", "of", "share called blast", *HEADS[2:]], rows)


def shares(found: Mapping[str, Json]) -> str:
    """One share by set."""
    return table(["set", *HEADS[1:]], [_row(name, one) for name, one in found.items()])


def _row(name: str, one: Json) -> list[str]:
    return [name, value_of(one), by_group(one), span(one.get("wilson")), str(one.get("n", "-"))]


def _maps(one: Json) -> Iterator[str]:
    energy, pointing = one["energy"], one["pointing"]
    yield str(energy["n"]) if energy else "0"
    yield value_of(energy)
    yield by_group(energy)
    yield value_of(one["area"])
    yield f"{value_of(pointing)}, {span(pointing['wilson'])}" if pointing else "-"
    for kind in ("deletion", "insertion"):
        yield f"{value_of(one[kind]['map'])}, {value_of(one[kind]['random'])}"
    yield str(one["deletion"]["map"]["n"])


def shifted(found: Json) -> str:
    """Every shift of one set, the figures in columns."""
    from measure.robustness_page import table as of_shifts

    return of_shifts(found)


def sampled(found: Json) -> str:
    """How many of the held-out images were shifted."""
    return f"{found['n']} of {found['of']} held-out images ({percent(found['n'] / found['of'])}), even over the groups."
