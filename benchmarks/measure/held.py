"""Which images of a data folder a bundle may be judged on: those whose SHA-256 no training of it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.decode import read_bytes
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import Item, read_image_set
from leukoscope.runtime.fitting import choose_networks
from leukoscope.runtime.metrics.targets import Targets, targets_of
from leukoscope.runtime.sample import Sample, read_sample


@dataclass(frozen=True)
class Entry:
    """One image file; `group` is named with its folder, as checkpoint headers name it."""

    item: Item
    group: str
    sha256: str


@dataclass(frozen=True)
class DataFolder:
    """A data folder as one network of a bundle sees it."""

    name: str
    network: str
    classes: tuple[str, ...]
    label_map: LabelMap | None
    groups_inferred: bool
    held: tuple[Entry, ...]
    """Images that neither the network nor its trees were fitted on, each once."""
    seen: tuple[Entry, ...]

    @property
    def targets(self) -> Targets:
        """What is told apart when its labels are scored."""
        return targets_of(self.label_map.targets if self.label_map else {}, self.classes)

    @property
    def has_masks(self) -> bool:
        return any(entry.item.mask is not None for entry in self.held)

    def read(self, entry: Entry) -> Sample:
        """The image with its truth. Raises InputError for what cannot be read."""
        return read_sample(entry.item, self.label_map)


def open_folders(bundle: Bundle, roots: Sequence[Path]) -> list[DataFolder]:
    """Every folder under each network of the bundle whose labels or masks it has.

    Raises InputError for a folder that fits none, and where training has seen all of one.
    """
    return [folder for root in roots for folder in _open(bundle, root)]


def spread(entries: Sequence[Entry], limit: int) -> list[Entry]:
    """At most `limit` entries (0: all), the same each time: evenly over the groups, and evenly within each.

    Every group gives one before any gives a second; a group's own are taken at equal distances in its order.
    """
    if not limit or limit >= len(entries):
        return list(entries)
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    quota = _quota([len(members) for members in groups.values()], limit)
    chosen = {
        members[i * len(members) // count].sha256
        for members, count in zip(groups.values(), quota, strict=True)
        for i in range(count)
    }
    return [entry for entry in entries if entry.sha256 in chosen]


def trained_on(bundle: Bundle, network: str) -> frozenset[str]:
    """SHA-256 of the images that the network, and the trees on it, were fitted on."""
    parts = [bundle.network(network).provenance]
    trees = bundle.manifest.trees
    if trees is not None and trees.network == network:
        parts.append(trees.provenance)
    return frozenset(digest for part in parts for digest in part.get("training_images", ()))


def _open(bundle: Bundle, root: Path) -> list[DataFolder]:
    images = read_image_set(root)
    name = root.resolve().name
    hashed = [
        Entry(item, f"{name}/{item.group}", sha256_of_bytes(read_bytes(item.path)))
        for item in images.items
    ]
    once = list({entry.sha256: entry for entry in reversed(hashed)}.values())[::-1]
    found = []
    for network, label_map in choose_networks(bundle, images, (), None).items():
        fitted = trained_on(bundle, network)
        held = tuple(entry for entry in once if entry.sha256 not in fitted)
        if not held:
            raise InputError(
                f"{network} has seen every image of {root}",
                wanted="images that its training held out",
            )
        seen = tuple(entry for entry in once if entry.sha256 in fitted)
        classes = bundle.network(network).classes
        found.append(
            DataFolder(name, network, classes, label_map, images.groups_inferred, held, seen)
        )
    return found


def _quota(sizes: Sequence[int], limit: int) -> list[int]:
    """How many each group gives: one more by turns until `limit` are found or all are taken."""
    quota = [0] * len(sizes)
    while sum(quota) < min(limit, sum(sizes)):
        for index, size in enumerate(sizes):
            if quota[index] < size and sum(quota) < limit:
                quota[index] += 1
    return quota
