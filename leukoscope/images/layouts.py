"""Data folders in the two layouts: a folder a class, or images with masks and labels.csv."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from leukoscope.errors import InputError
from leukoscope.images.decode import IMAGE_SUFFIXES
from leukoscope.images.groups import file_number, infer_groups, read_groups
from leukoscope.images.tables import read_table

LAYOUTS_HINT = (
    "DIR/CLASS/*.jpg, or DIR/images/*, DIR/masks/*.png and DIR/labels.csv "
    f"({', '.join(suffix[1:] for suffix in IMAGE_SUFFIXES)})"
)


@dataclass(frozen=True)
class Item:
    """One image of a data folder.

    `name` is its path below the folder of images ('Benign/a.jpg', 'a.png'); `label` is as the set writes it,
    '' where labels.csv leaves it empty, None where nothing labels the image; `group` is its slide or patient.
    """

    path: Path
    name: str
    label: str | None
    mask: Path | None
    group: str


@dataclass(frozen=True)
class ImageSet:
    """A data folder; items in the order of their folders and file numbers."""

    root: Path
    layout: Literal["classes", "masks"]
    items: tuple[Item, ...]
    groups_inferred: bool


def read_image_set(root: Path) -> ImageSet:
    """The images of `root` by name; no pixel is read.

    With `images/` in it, it is the masks layout, where masks and labels may be absent; otherwise each folder is
    a class. Hidden files and files that are no images by their suffix are passed over. InputError: no folder,
    no images, a mask or a row of labels.csv or groups.csv without its image, an image twice.
    """
    if not root.is_dir():
        found = f"{root} is not a folder" if root.exists() else f"no such folder: {root}"
        raise InputError(found, wanted=LAYOUTS_HINT)
    if (root / "images").is_dir():
        return _read_masks_layout(root)
    return _read_classes_layout(root)


def _read_classes_layout(root: Path) -> ImageSet:
    folders = sorted(entry for entry in root.iterdir() if entry.is_dir() and not _hidden(entry))
    paths = {
        f"{path.parent.name}/{path.name}": path for folder in folders for path in _images(folder)
    }
    if not paths:
        loose = " (images lie beside each other, not in class folders)" if _images(root) else ""
        raise InputError(f"no images in class folders below {root}{loose}", wanted=LAYOUTS_HINT)
    groups, inferred = _groups(root, paths)
    items = (
        Item(path, name, label=path.parent.name, mask=None, group=groups[name])
        for name, path in paths.items()
    )
    return ImageSet(root, "classes", tuple(items), inferred)


def _read_masks_layout(root: Path) -> ImageSet:
    paths = {path.name: path for path in _images(root / "images")}
    if not paths:
        raise InputError(f"no images in {root / 'images'}", wanted=LAYOUTS_HINT)
    table = root / "labels.csv"
    labels = read_table(table, "image", "label") if table.exists() else {}
    _refuse_strangers(table, labels, paths)
    masks = _masks(root / "masks", paths)
    groups, inferred = _groups(root, paths)
    items = (
        Item(path, name, labels.get(name), masks.get(name), groups[name])
        for name, path in paths.items()
    )
    return ImageSet(root, "masks", tuple(items), inferred)


def _masks(folder: Path, images: Iterable[str]) -> dict[str, Path]:
    """Image name -> mask file of the same stem."""
    if not folder.is_dir():
        return {}
    by_stem: dict[str, str] = {}
    for name in images:
        if other := by_stem.get(stem := PurePosixPath(name).stem):
            raise InputError(f"{other} and {name} would share the mask {stem}.png in {folder}")
        by_stem[stem] = name
    masks = {path.stem: path for path in _images(folder, (".png",))}
    if lonely := sorted(set(masks) - set(by_stem)):
        raise InputError(
            f"the mask {masks[lonely[0]]} has no image{_others(lonely)}",
            next_step=f"remove it, or add images/{lonely[0]}.*",
        )
    return {by_stem[stem]: path for stem, path in masks.items()}


def _groups(root: Path, paths: Mapping[str, Path]) -> tuple[dict[str, str], bool]:
    """Image name -> group, and whether the groups were inferred from file numbers."""
    table = root / "groups.csv"
    if not table.exists():
        below = {name: path.relative_to(root).as_posix() for name, path in paths.items()}
        inferred = infer_groups(below.values())
        return {name: inferred[path] for name, path in below.items()}, True
    groups = read_groups(table)
    _refuse_strangers(table, groups, paths)
    if missing := [name for name in paths if name not in groups]:
        raise InputError(
            f"{table} has no row for {missing[0]}{_others(missing)}", wanted="one row an image"
        )
    return groups, False


def _refuse_strangers(table: Path, rows: Mapping[str, str], names: Iterable[str]) -> None:
    if strangers := sorted(set(rows) - set(names)):
        raise InputError(
            f"{table} names {strangers[0]}, which is not there{_others(strangers)}",
            next_step="remove the row, or add the image",
        )


def _images(folder: Path, suffixes: tuple[str, ...] = IMAGE_SUFFIXES) -> list[Path]:
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes and not _hidden(path) and not path.is_dir()
    ]
    return sorted(found, key=lambda path: file_number(path.name))


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "__"))


def _others(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
