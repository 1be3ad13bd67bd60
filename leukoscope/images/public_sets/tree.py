"""Finding files in the folder of a set as downloaded, whose outer folders differ by how it was unpacked."""

from collections.abc import Mapping
from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.decode import IMAGE_SUFFIXES
from leukoscope.images.groups import file_number

MAX_DEPTH = 4
"""Folders within folders that an unpacked archive may have above what is sought."""


def check_folder(path: Path) -> None:
    """InputError unless `path` is a folder."""
    if not path.is_dir():
        found = f"{path} is not a folder" if path.exists() else f"no such folder: {path}"
        raise InputError(found, wanted="the folder into which the set was unpacked")


def images_in(folder: Path) -> list[Path]:
    """Image files directly in `folder`, hidden ones left out, in the order of their numbers."""
    return sorted(
        (p for p in folder.iterdir() if is_image(p)), key=lambda path: file_number(path.name)
    )


def images_below(root: Path) -> list[Path]:
    """Image files at any depth, hidden ones too, sorted."""
    return sorted(p for p in root.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def by_stem(root: Path) -> dict[str, Path]:
    """Image files at any depth by their stem; InputError where two share one."""
    found: dict[str, Path] = {}
    for path in images_below(root):
        if is_hidden(path):
            continue
        if other := found.get(path.stem):
            raise InputError(
                f"{other} and {path} have one name", next_step="give the folder of one of them"
            )
        found[path.stem] = path
    return found


def is_image(path: Path) -> bool:
    """A file with the suffix of an image that is not hidden."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not is_hidden(path) and path.is_file()


def is_hidden(path: Path) -> bool:
    """Left by a desktop or an archiver: `.DS_Store`, `__MACOSX`, `._a.jpg`."""
    return path.name.startswith((".", "__"))


def folders_below(root: Path) -> list[Path]:
    """`root` and the folders in it, MAX_DEPTH deep, the outer ones first, hidden ones left out."""
    found, level = [root], [root]
    for _ in range(MAX_DEPTH):
        level = [
            folder
            for outer in level
            for folder in sorted(outer.iterdir())
            if folder.is_dir() and not is_hidden(folder)
        ]
        found += level
    return found


def class_folders(root: Path, labels: Mapping[str, str], skip: str = "") -> dict[Path, str]:
    """Folders -> labels, beside each other, one or more for each label.

    `labels`: a folder's name in lower case -> its label. Folders named `skip` are not searched. InputError
    where no folder has them all, naming those that the best one lacks, or where two have.
    """
    best: dict[Path, str] = {}
    whole: list[dict[Path, str]] = []
    for outer in folders_below(root):
        if skip and skip in (part.lower() for part in outer.relative_to(root).parts):
            continue
        found = _labelled(outer, labels)
        best = max(best, found, key=lambda one: len(set(one.values())))
        whole += [found] if set(found.values()) == set(labels.values()) else []
    if len(whole) == 1:
        return whole[0]
    if not whole:
        raise InputError(f"{root} has no folder {_lacking(labels, best)}")
    places = " and ".join(str(next(iter(one)).parent) for one in whole[:2])
    raise InputError(f"{places} both have folders of all classes", next_step="give one of them")


def _labelled(outer: Path, labels: Mapping[str, str]) -> dict[Path, str]:
    return {
        folder: labels[folder.name.lower()]
        for folder in sorted(outer.iterdir())
        if folder.is_dir() and folder.name.lower() in labels
    }


def _lacking(labels: Mapping[str, str], found: Mapping[Path, str]) -> str:
    """The folder names of each label that was not found, in words."""
    names: dict[str, list[str]] = {}
    for name, label in labels.items():
        if label not in found.values():
            names.setdefault(label, []).append(name)
    return ", no folder ".join(" or ".join(one) for one in names.values())
