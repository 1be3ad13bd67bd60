"""What is told apart when labels are scored: single classes, or several under one label."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError


@dataclass(frozen=True)
class Targets:
    """A partition of a network's classes; a label that stands for several is scored by summed probability.

    Classes that no label names stand alone: they can be voted, and are then wrong.
    """

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    """Indices into the network's classes, by name."""

    def index(self, classes: tuple[str, ...], target: tuple[str, ...]) -> int:
        """The position of a label's classes."""
        return self.members.index(_group(target, classes))

    def summed(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """[n, K] by class -> [n, G] by target."""
        wide = probabilities.astype(np.float64)
        return np.stack([wide[:, list(group)].sum(axis=1) for group in self.members], axis=1)


def targets_of(labels: Mapping[str, tuple[str, ...]], classes: tuple[str, ...]) -> Targets:
    """The partition that `labels` (label -> classes, none where excluded) make of `classes`.

    InputError where two labels overlap without being the same, and for a class that is none of `classes`.
    """
    names: dict[tuple[int, ...], list[str]] = {}
    for label, target in labels.items():
        if target:
            names.setdefault(_group(target, classes), []).append(label)
    covered = [member for group in names for member in group]
    if twice := {classes[member] for member in covered if covered.count(member) > 1}:
        raise InputError(
            f"the label map puts {min(twice)} under labels that overlap",
            wanted="labels that share all of their classes or none",
        )
    alone = [(member,) for member in range(len(classes)) if member not in covered]
    groups = sorted([*names, *alone])
    return Targets(tuple(_name(group, names, classes) for group in groups), tuple(groups))


def _group(target: tuple[str, ...], classes: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the target's classes, in order."""
    for name in target:
        if name not in classes:
            raise InputError(
                f"the label map names {name!r}, which is no class of this bundle",
                wanted=f"any of {', '.join(classes)}",
            )
    return tuple(sorted(classes.index(name) for name in target))


def _name(
    group: tuple[int, ...], labels: Mapping[tuple[int, ...], list[str]], classes: tuple[str, ...]
) -> str:
    return classes[group[0]] if len(group) == 1 else "/".join(sorted(labels[group]))
