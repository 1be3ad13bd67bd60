"""The sections that both cards have: what the network is, its data and split, its training, its hashes."""

from collections import Counter
from collections.abc import Mapping

from card.facts import Facts
from card.words import number, settings, table

COMMAND = "python tools/model_card.py --data DIR..."
NOTICE = "**Research use only. Not a medical device.**"


def purpose(uses: str, limits: str) -> str:
    """Intended use and what it is not for."""
    return f"## Intended use\n\n{NOTICE} {uses}\n\nNot for: {limits}"


def identity(facts: Facts) -> str:
    """What it is and which files."""
    header = facts.header
    rows = [
        ["size", header.size],
        ["classes", ", ".join(header.classes)],
        ["input", settings(header.contract)],
        ["settings", settings({k: v for k, v in header.settings.items() if k != "classes"})],
        [f"`{facts.checkpoint.name}`", f"SHA-256 `{facts.sha256}`"],
    ]
    if facts.trees_sha256:
        rows.append(["`trees.json`", f"SHA-256 `{facts.trees_sha256}`"])
    return "## What it is\n\n" + table(["", ""], rows)


def data(facts: Facts) -> str:
    """Sets and parts, counted from the checkpoint's header."""
    account = facts.header.data
    sets = [
        [
            name,
            str(one["images"]),
            one["layout"],
            one["label_map"],
            "inferred from file numbers" if one["groups_inferred"] else "given",
        ]
        for name, one in account["sets"].items()
    ]
    parts = [
        [part, name, str(images), str(groups)]
        for part, members in account["parts"].items()
        for name, (images, groups) in counted(members).items()
    ]
    words = f"Split by whole groups with seed {account['split_seed']}, shares {settings(account['shares'])}."
    return "\n\n".join(
        [
            "## Data and split",
            table(["set", "images", "layout", "label map", "groups"], sets),
            f"{words} The header names every image of every part by SHA-256. docs/datasets.md says where the sets come from and their terms.",
            table(["part", "set", "images", "groups"], parts),
        ]
    )


def counted(members: Mapping[str, list[str]]) -> dict[str, tuple[int, int]]:
    """Images and groups of a part by set, and by class folder where groups are named by it."""
    images: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for group, hashes in members.items():
        parts = group.split("/")
        name = parts[0] if len(parts) < 3 or parts[1] == "images" else "/".join(parts[:2])
        images[name] += len(hashes)
        groups[name] += 1
    return {name: (images[name], groups[name]) for name in sorted(images)}


def recipe(facts: Facts) -> str:
    """Every setting of the training as the header has it."""
    rows = [[key, settings({"": value}).strip()] for key, value in facts.header.training.items()]
    if facts.trees:
        rows.append(["trees", settings(facts.trees["settings"])])
        rows.append(["trees, rounds kept", str(facts.trees["metrics"]["rounds"])])
        rows.append(["trees, temperature", f"{facts.trees['temperature']:.4f}"])
        if chosen := facts.trees["metrics"].get("chosen"):
            rows.append(["trees, chosen by search over groups", settings(chosen)])
        if control := facts.trees["metrics"].get("held_shuffled_labels"):
            what = "control: balanced accuracy on `held` with shuffled labels, by run"
            rows.append([what, ", ".join(map(number, control))])
    rows.append(["temperature of the head", str(facts.header.metrics.get("temperature", "-"))])
    rows.append(["epochs run", str(len(facts.header.metrics.get("epochs", ())))])
    return "## Training recipe\n\ndocs/train.md explains the terms.\n\n" + table(["", ""], rows)


def measured(facts: Facts) -> str:
    """When, how and on what the figures were made."""
    one = facts.held_out
    return (
        "## How these figures were made\n\n"
        f"Measured on {one['measured_on']}, {one['backend']}, by the path that `run` takes, on the images that no training of "
        "the network or its trees names by SHA-256. Intervals are at 95 %: by group, whole groups drawn anew with replacement "
        "(the number of groups in brackets; with fewer than about ten such an interval is too narrow, with one there is none); "
        "Wilson's takes images for independent, which images of one slide are not. This card is written by\n\n"
        f"    {COMMAND}\n\n"
        "and no figure in it is typed by hand. [Robustness](../robustness.md) defines what is measured."
    )


def groups_warning(facts: Facts) -> str | None:
    """A limit that holds where groups are guesses."""
    guessed = [n for n, one in facts.header.data["sets"].items() if one["groups_inferred"]]
    if not guessed:
        return None
    return (
        f"Slides and patients of {', '.join(guessed)} are not published; groups are blocks of neighbouring file numbers. Parts of one "
        "slide may lie on both sides of the split, which flatters every figure here."
    )
