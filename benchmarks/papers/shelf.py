"""Images decoded once a process, and dealt out anew for each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.papers.budget import SHARES
from benchmarks.papers.cells import Cell
from leukoscope.errors import InputError
from leukoscope.images.classes import NETWORK_CLASSES
from leukoscope.images.groups import split
from leukoscope.images.hashes import sha256_of_bytes, sha256_of_file
from leukoscope.images.layouts import Item
from leukoscope.progress import Progress
from leukoscope.training.pictures import Picture, load_pictures, open_source
from leukoscope.training.tree_images import STOP_SHARES

THINNED = {"pbc": 2}
"""Every second image of a large set: its masks are outlined by the network in the middle of each training, which takes time."""
FAMILY = {"masks": "sg_cldff", "stages": "xincept_all"}


@dataclass(frozen=True)
class Kept:
    """A decoded image, with what `split` asks for."""

    item: Item
    picture: Picture

    @property
    def label(self) -> str | None:
        return self.item.label

    @property
    def group(self) -> str:
        return self.item.group


Parts = dict[str, list[Kept]]


@dataclass
class Shelf:
    """The data folders under `root`, read when they are first wanted."""

    root: Path
    progress: Progress
    kept: dict[tuple[str, str], list[Kept]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def missing(self, cell: Cell) -> list[str]:
        """Names of the sets that the cell reads and that are not at hand."""
        return [name for name in cell.sets if not (self.root / name).is_dir()]

    def digest(self, cell: Cell) -> str:
        """sha256 over every file of the cell's sets, and how they are thinned."""
        for name in cell.sets:
            if name not in self.digests:
                self.digests[name] = _folder_digest(self.root / name)
        words = [f"{name} {THINNED.get(name, 1)} {self.digests[name]}" for name in cell.sets]
        return sha256_of_bytes("\n".join(words).encode())

    def parts(self, cell: Cell) -> dict[str, list[Picture]]:
        """Pictures by part: `fit` and `held`; for stages `rows` and `stop` of the trees besides."""
        found: Parts = {}
        for name in cell.sets:
            for part, members in self._dealt(cell, name).items():
                found.setdefault(part, []).extend(members)
        found = each_once(found)
        if "trees" in found:
            found |= split(found.pop("trees"), STOP_SHARES, cell.seed)
        if empty := [part for part, members in found.items() if not members]:
            raise InputError(f"no images for {', '.join(empty)} of {cell.name}")
        return {part: [one.picture for one in members] for part, members in found.items()}

    def _dealt(self, cell: Cell, name: str) -> Mapping[str, Sequence[Kept]]:
        kept = self._read(FAMILY[cell.task], name)
        if cell.left_out:
            return {"held" if name == cell.left_out else "fit": kept}
        return split(kept, SHARES[cell.task], cell.seed)

    def _read(self, family: str, name: str) -> list[Kept]:
        if (family, name) not in self.kept:
            source = open_source(self.root / name, family, NETWORK_CLASSES[family])
            items = source.images.items[:: THINNED.get(name, 1)]
            pictures = load_pictures(source, items, self.progress)
            self.kept[family, name] = [Kept(*pair) for pair in zip(items, pictures, strict=True)]
        return self.kept[family, name]


def each_once(parts: Parts) -> Parts:
    """Takes out of each part what an earlier one has, byte for byte, as the training does."""
    seen: set[str] = set()
    found: Parts = {}
    for part, members in parts.items():
        found[part] = [one for one in members if one.picture.sha256 not in seen]
        seen |= {one.picture.sha256 for one in members}
    return found


def _folder_digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(folder).as_posix()} {sha256_of_file(path)}" for path in files]
    return sha256_of_bytes("\n".join(lines).encode())
