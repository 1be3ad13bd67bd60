"""Data folders dealt out to the networks that can be judged on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import ImageSet
from leukoscope.runtime.fitting import choose_networks
from leukoscope.runtime.judge import LabelledItem
from leukoscope.runtime.provenance import named_items, set_names


@dataclass(frozen=True)
class Pool:
    """The images of all data folders that one network is judged on."""

    items: tuple[LabelledItem, ...]
    """Their groups are SETNAME/GROUP; where there are several folders, their names are SETNAME/NAME."""
    folders: tuple[tuple[ImageSet, str], ...]
    """With their set names."""

    @property
    def groups_inferred(self) -> bool:
        """Of any of the folders."""
        return any(images.groups_inferred for images, _ in self.folders)


def pools(
    bundle: Bundle,
    folders: Sequence[ImageSet],
    asked: tuple[str, ...] = (),
    map_file: Path | None = None,
    *,
    beside: Sequence[Path] = (),
) -> dict[str, Pool]:
    """By network, in the bundle's order, the images of the folders that fit it (or that `asked` names).

    `beside`: further folders from whose set names these must differ. Raises InputError as `choose_networks` does for the
    first folder that fits no network, and for a folder that is given twice.
    """
    roots = [images.root for images in folders]
    _check_once(roots)
    names = set_names([*roots, *beside])[: len(roots)]
    chosen = [choose_networks(bundle, images, asked, map_file) for images in folders]
    found = {}
    for network in bundle.manifest.networks:
        parts = [
            (images, name, maps[network])
            for images, name, maps in zip(folders, names, chosen, strict=True)
            if network in maps
        ]
        if parts:
            found[network] = _pool(parts)
    return found


def _pool(parts: Sequence[tuple[ImageSet, str, LabelMap | None]]) -> Pool:
    items = (
        (item if len(parts) == 1 else replace(item, name=f"{name}/{item.name}"), label_map)
        for images, name, label_map in parts
        for item in named_items(images, name)
    )
    return Pool(tuple(items), tuple((images, name) for images, name, _ in parts))


def _check_once(roots: Sequence[Path]) -> None:
    met: set[Path] = set()
    for root in roots:
        if root.resolve() in met:
            raise InputError(f"{root} is given twice", wanted="each folder once")
        met.add(root.resolve())
