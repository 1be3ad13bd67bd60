"""Finds the images again that a checkpoint set apart for the trees, by the hashes in its header."""

from dataclasses import dataclass, replace

from leukoscope.images.decode import read_bytes
from leukoscope.images.groups import split
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.layouts import Item
from leukoscope.models.checkpoint import CheckpointHeader
from leukoscope.progress import Progress
from leukoscope.training.parts import Folders
from leukoscope.training.pictures import Picture, Source, load_pictures, open_source

STOP_SHARES = {"rows": 0.65, "stop": 0.35}
"""Of the `trees` part, by group: the rows, and the images that stop the boosting and set the temperature."""


@dataclass(frozen=True)
class TreeImages:
    """What the trees learn from, what stops them, and what they are measured on; all have one stage."""

    rows: list[Picture]
    stop: list[Picture]
    held: list[Picture]


def tree_images(
    folders: Folders, header: CheckpointHeader, seed: int, progress: Progress
) -> TreeImages:
    """The images of `folders` that the header's parts `trees` and `held` name; others are passed over."""
    found: dict[str, list[Picture]] = {"rows": [], "stop": [], "held": []}
    for root in folders.roots:
        source = open_source(root, header.network, header.classes, folders.label_maps)
        parts = _by_hash(source, header, progress)
        dealt = split(_with_runs(parts["trees"]), STOP_SHARES, seed) if parts["trees"] else {}
        for name, items in {**dealt, "held": parts["held"]}.items():
            pictures = load_pictures(source, items, progress)
            found[name] += [picture for picture in pictures if len(picture.target) == 1]
    return TreeImages(**found)


def _with_runs(items: list[Item]) -> list[Item]:
    """The items; those of a label with a single group are grouped in three runs instead.

    Else such a label would be missing from what stops the boosting, or from the rows.
    """
    groups: dict[str | None, list[Item]] = {}
    for item in items:
        groups.setdefault(item.label, []).append(item)
    found: list[Item] = []
    for members in groups.values():
        if len({item.group for item in members}) > 1:
            found += members
            continue
        for index, item in enumerate(members):
            run = index * 3 // len(members)
            found.append(replace(item, group=f"{item.group}/run {run}"))
    return found


def _by_hash(source: Source, header: CheckpointHeader, progress: Progress) -> dict[str, list[Item]]:
    """Each image once, though the folder may hold copies of it."""
    parts = header.data.get("parts", {})
    wanted = {
        name: {digest for group in parts.get(name, {}).values() for digest in group}
        for name in ("trees", "held")
    }
    found: dict[str, list[Item]] = {name: [] for name in wanted}
    items = source.images.items
    for item in progress.track(items, "hashing", len(items)):
        digest = sha256_of_bytes(read_bytes(item.path))
        for name, digests in wanted.items():
            if digest in digests:
                digests.remove(digest)
                found[name].append(item)
    return found
