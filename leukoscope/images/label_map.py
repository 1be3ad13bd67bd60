"""Label maps: what a data set's own labels are called in a network's classes. The built-in ones are TOML files."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import InputError
from leukoscope.images.classes import NETWORK_CLASSES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "label_maps"
SEPARATOR = ","
KEYS = {"name", "network", "targets", "excluded"}


@dataclass(frozen=True)
class LabelMap:
    """`targets`: label as the set writes it -> the network's classes that answer to it, none where excluded.

    A label with several classes (all_idb2's `normal`) is scored by the sum of their probabilities.
    """

    name: str
    network: str
    targets: Mapping[str, tuple[str, ...]]

    def knows(self, label: str) -> bool:
        """Whether `target` has an answer; a list of known labels ('NEUTROPHIL, EOSINOPHIL') and '' are known."""
        return label in self.targets or all(part in self.targets for part in _cells(label))

    def target(self, label: str | None) -> tuple[str, ...] | None:
        """Classes of a label; None where it is excluded: no label, an empty one, several cells, or by the map.

        InputError for a label that the map does not know.
        """
        if label is None:
            return None
        if label in self.targets:
            return self.targets[label] or None
        if not self.knows(label):
            raise InputError(
                f"the label map {self.name} does not know the label {label!r}",
                wanted=f"one of {', '.join(sorted(self.targets))}",
            )
        cells = _cells(label)
        return (self.targets[cells[0]] or None) if len(cells) == 1 else None


def load_label_map(path: Path) -> LabelMap:
    """A label map from a TOML file.

    Keys: `name`, `network`, a table `targets` (label = class or list of classes), and a list `excluded` of
    labels that are left out. InputError names the file and what is wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise InputError(f"{path} cannot be read: {cause}", wanted="a label map in TOML") from cause
    try:
        return _from_values(values)
    except ValueError as cause:
        raise InputError(
            f"{path} is not a label map: {cause}",
            wanted='name, network and [targets] with LABEL = "class" or ["class", ..]',
        ) from cause


def find_label_map(labels: Iterable[str | None], network: str) -> LabelMap:
    """The built-in map that knows all the labels, else the identity where they are the network's class names.

    Among several, the one with the fewest labels. InputError names the labels that none knows.
    """
    wanted = sorted({label for label in labels if label})
    maps = sorted(built_in_maps(network), key=lambda one: (len(one.targets), one.name))
    maps.append(identity_map(network))
    for one in maps:
        if all(map(one.knows, wanted)):
            return one
    unknown = [label for label in wanted if not any(one.knows(label) for one in maps)]
    raise InputError(
        f"no label map of {network} knows {', '.join(map(repr, unknown or wanted))}",
        wanted=f"the labels of one of {', '.join(one.name for one in maps)}",
        next_step="rename the classes, or give --label-map FILE.toml",
    )


def built_in_maps(network: str) -> list[LabelMap]:
    """The maps that the package ships for `network`."""
    maps = (load_label_map(path) for path in sorted(FOLDER.glob("*.toml")))
    return [one for one in maps if one.network == network]


def identity_map(network: str) -> LabelMap:
    """Each class of the network under its own name."""
    return LabelMap("identity", network, {name: (name,) for name in NETWORK_CLASSES[network]})


def _cells(label: str) -> list[str]:
    return [part for part in (cell.strip() for cell in label.split(SEPARATOR)) if part]


def _from_values(values: dict[str, Any]) -> LabelMap:
    """Checks names and types; ValueError says what is wrong."""
    if unknown := set(values) - KEYS:
        raise ValueError(f"unknown key {min(unknown)}")
    name, network = values.get("name"), values.get("network")
    targets, excluded = values.get("targets"), values.get("excluded", [])
    if not isinstance(name, str) or not name:
        raise ValueError("no name")
    if not isinstance(network, str) or network not in NETWORK_CLASSES:
        raise ValueError(f"network {network!r} is none of {', '.join(NETWORK_CLASSES)}")
    if not isinstance(targets, dict) or not targets:
        raise ValueError("no targets")
    if not isinstance(excluded, list) or not all(isinstance(one, str) for one in excluded):
        raise ValueError("excluded is not a list of labels")
    if twice := set(excluded) & set(targets):
        raise ValueError(f"{min(twice)} is both a target and excluded")
    known = {label: _classes(label, target, network) for label, target in targets.items()}
    return LabelMap(name, network, {**known, **dict.fromkeys(excluded, ())})


def _classes(label: str, target: object, network: str) -> tuple[str, ...]:
    classes = [target] if isinstance(target, str) else target
    if not isinstance(classes, list) or not classes:
        raise ValueError(f"{label} has no class")
    for one in classes:
        if one not in NETWORK_CLASSES[network]:
            raise ValueError(f"{label} names {one!r}, which is no class of {network}")
    if len(set(classes)) != len(classes):
        raise ValueError(f"{label} names a class twice")
    return tuple(classes)
