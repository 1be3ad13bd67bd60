"""Groups (slide or patient) and splits by group: no group ever lies in two parts."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.tables import read_table

BLOCKS_PER_FOLDER = 10
LEAST_GAIN = 1e-9

Counts = Counter[str | None]


class Grouped(Protocol):
    """What `split` needs to know of an item."""

    @property
    def label(self) -> str | None: ...

    @property
    def group(self) -> str: ...


Member = TypeVar("Member", bound=Grouped)


def infer_groups(names: Iterable[str]) -> dict[str, str]:
    """Names such as 'Benign/WBC-Benign-031.jpg' -> groups such as 'Benign/03'.

    Neighbouring file numbers often come from one slide, so each folder's files, in the order of the numbers in
    their names, are cut into ten contiguous blocks of equal size (our choice).
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for name in set(names):
        folders[str(PurePosixPath(name).parent)].append(name)
    groups = {}
    for folder, members in folders.items():
        members.sort(key=file_number)
        for index, name in enumerate(members):
            block = f"{index * BLOCKS_PER_FOLDER // len(members):02d}"
            groups[name] = block if folder == "." else f"{folder}/{block}"
    return groups


def file_number(name: str) -> tuple[list[int], str]:
    """Sort key: the numbers in a file's stem from left to right, then the name.

    All of them: in 'slide3_0012' the last alone would mix slides, in 'Im001_1' it is the class.
    """
    return [int(digits) for digits in re.findall(r"[0-9]+", PurePosixPath(name).stem)], name


def read_groups(path: Path) -> dict[str, str]:
    """`groups.csv` (columns image, group) as image -> group; InputError for an empty group or an image twice."""
    groups = read_table(path, "image", "group")
    if empty := [name for name, group in groups.items() if not group]:
        raise InputError(f"{path} gives no group for {empty[0]}", wanted="a slide or a patient")
    return groups


def split(
    items: Sequence[Member], shares: Mapping[str, float], seed: int
) -> dict[str, list[Member]]:
    """Deals whole groups out to the named parts so that each label's shares hold as well as groups allow.

    Groups go, largest first, to the part where they lessen most the chi-square distance between the labels'
    counts and their shares. The same items (in any order), shares and seed give the same parts; a part keeps
    the order of `items`. InputError where shares do not sum to 1 or there are fewer groups than parts.
    """
    _check_shares(shares)
    groups = _label_counts(items)
    if len(groups) < len(shares):
        raise InputError(
            f"{len(groups)} groups of images",
            wanted=f"at least {len(shares)}, one for each of {', '.join(shares)}",
            next_step="add images, or a groups.csv with finer groups",
        )
    part_of = _part_of_group(groups, shares, seed)
    parts: dict[str, list[Member]] = {name: [] for name in shares}
    for item in items:
        parts[part_of[item.group]].append(item)
    return parts


def _check_shares(shares: Mapping[str, float]) -> None:
    positive = all(share > 0 for share in shares.values())
    if not positive or not abs(sum(shares.values()) - 1) <= 1e-6:
        raise InputError(f"shares {dict(shares)}", wanted="positive fractions that sum to 1")


def _label_counts(items: Iterable[Grouped]) -> dict[str, Counts]:
    """How many images a group has in all (under None), and of each label ('' for those without)."""
    groups: dict[str, Counts] = defaultdict(Counter)
    for item in items:
        groups[item.group].update((None, item.label or ""))
    return dict(groups)


@dataclass
class _Part:
    """A part being filled: how many images of each label it has and should have."""

    wanted: Mapping[str | None, float]
    counts: Counts = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)

    def gain(self, group: Counts, sign: int = 1) -> float:
        """How much the chi-square distance falls when the group comes (sign 1) or goes (-1)."""
        # fsum, as the order of `items` may not tip a tie.
        return math.fsum(
            n * (2 * sign * (self.wanted[label] - self.counts[label]) - n) / self.wanted[label]
            for label, n in group.items()
        )

    def take(self, name: str, group: Counts) -> None:
        self.groups.add(name)
        self.counts.update(group)

    def give(self, name: str, group: Counts) -> None:
        self.groups.remove(name)
        self.counts.subtract(group)


def _part_of_group(
    groups: Mapping[str, Counts], shares: Mapping[str, float], seed: int
) -> dict[str, str]:
    totals = sum(groups.values(), Counter[str | None]())
    parts = {
        name: _Part({label: share * n for label, n in totals.items()})
        for name, share in shares.items()
    }
    order = sorted(groups, key=lambda name: (-groups[name][None], _shuffled(name, seed)))
    for name in order:
        max(parts.values(), key=lambda part: part.gain(groups[name])).take(name, groups[name])
    _fill_empty(parts.values(), groups)
    while _improve(parts.values(), groups, order):
        pass
    return {group: name for name, part in parts.items() for group in part.groups}


def _shuffled(group: str, seed: int) -> str:
    """A place in the order that depends on nothing but the group's name and the seed."""
    return sha256_of_bytes(f"{seed}/{group}".encode())


def _fill_empty(parts: Collection[_Part], groups: Mapping[str, Counts]) -> None:
    """A small share of few groups can round to nothing: such a part takes the group that costs least."""
    for empty in (part for part in parts if not part.groups):
        donors = [
            (part, name) for part in parts if len(part.groups) > 1 for name in sorted(part.groups)
        ]
        donor, name = max(
            donors, key=lambda one: one[0].gain(groups[one[1]], -1) + empty.gain(groups[one[1]])
        )
        donor.give(name, groups[name])
        empty.take(name, groups[name])


def _improve(parts: Collection[_Part], groups: Mapping[str, Counts], order: Iterable[str]) -> bool:
    """Moves each group that is better elsewhere, never a part's last one; whether any moved.

    Every move lowers the distance, so it ends.
    """
    moved = False
    for name in order:
        group = groups[name]
        home = next(part for part in parts if name in part.groups)
        best = max(
            (part for part in parts if part is not home),
            key=lambda part: part.gain(group),
            default=home,
        )
        gain = home.gain(group, -1) + best.gain(group)
        if best is not home and len(home.groups) > 1 and gain > LEAST_GAIN:
            home.give(name, group)
            best.take(name, group)
            moved = True
    return moved
