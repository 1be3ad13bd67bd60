"""What a network was made from, and which groups of a data folder lie too near to that to judge it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import ImageSet, Item


@dataclass(frozen=True)
class Seen:
    """Images by the SHA-256 of their files' bytes, and their groups as SETNAME/GROUP."""

    images: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


def training(bundle: Bundle, network: str) -> Seen:
    """What the network, and the trees on it, were fitted on, as the manifest says."""
    return Seen(training_images(bundle, network), training_groups(bundle, network))


def training_images(bundle: Bundle, network: str) -> frozenset[str]:
    """SHA-256 of the files that the network, and the trees on it, were fitted on."""
    return _texts(bundle, network, "training_images")


def training_groups(bundle: Bundle, network: str) -> frozenset[str]:
    """Groups, SETNAME/GROUP, that the network was fitted on. The trees' are known by their images alone."""
    return _texts(bundle, network, "training_groups")


def set_names(roots: Sequence[Path]) -> tuple[str, ...]:
    """What each data folder is called in the names of groups: its own name, as training calls it.

    Folders of one name get as many of the folders above them as it takes to tell them apart ('kept/iranian_all').
    """
    parts = [root.resolve().parts for root in roots]
    return tuple(_shortest(one, {other for other in parts if other != one}) for one in parts)


def named_items(images: ImageSet, set_name: str) -> tuple[Item, ...]:
    """The items of a folder with SETNAME/GROUP as their groups."""
    return tuple(replace(item, group=f"{set_name}/{item.group}") for item in images.items)


def seen_groups(images: ImageSet, set_name: str, seen: Seen) -> frozenset[str]:
    """The folder's groups, SETNAME/GROUP by `set_name`, that hold an image of `seen` or are groups of `seen`.

    Every file's bytes are hashed; those that cannot be read are passed over. See `near`.
    """
    digests = [(_digest(item.path), item.group) for item in images.items]
    found = near(images.root.resolve().name, digests, images.groups_inferred, seen)
    return frozenset(f"{set_name}/{group}" for group in found)


def near(
    folder: str, members: Collection[tuple[str, str]], inferred: bool, seen: Seen
) -> frozenset[str]:
    """Which groups of a folder called `folder`, given as (SHA-256, group), are in `seen` by image or by name.

    Names of inferred groups are only numbers of blocks: another folder of the same name has the same ones for other
    slides. So they count where at least half of the groups so named hold an image of `seen`; names from groups.csv
    count always (our choice).
    """
    by_image = {group for digest, group in members if digest in seen.images}
    by_name = {group for _, group in members if f"{folder}/{group}" in seen.groups}
    if inferred and 2 * len(by_name & by_image) < len(by_name):
        return frozenset(by_image)
    return frozenset(by_image | by_name)


def _texts(bundle: Bundle, network: str, key: str) -> frozenset[str]:
    """The texts of a list in the provenance of the network and of the trees on it; what is none is passed over."""
    parts = [bundle.network(network).provenance]
    trees = bundle.manifest.trees
    if trees is not None and trees.network == network:
        parts.append(trees.provenance)
    lists: list[Any] = [part.get(key) for part in parts]
    return frozenset(
        text
        for one in lists
        if isinstance(one, (list, tuple))
        for text in one
        if isinstance(text, str)
    )


def _shortest(path: tuple[str, ...], others: Collection[tuple[str, ...]]) -> str:
    length = 1
    while length < len(path) and any(other[-length:] == path[-length:] for other in others):
        length += 1
    return "/".join(path[-length:])


def _digest(path: Path) -> str:
    """'' where the file cannot be read: whoever judges it will say so."""
    try:
        return sha256_of_file(path)
    except OSError:
        return ""
