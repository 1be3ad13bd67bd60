"""Training images in memory: decoded once, with a pyramid of reduced copies, mask, target and origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.decode import decode_image, read_bytes, read_mask
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.label_map import LabelMap, find_label_map, load_label_map
from leukoscope.images.layouts import ImageSet, Item, read_image_set
from leukoscope.images.opencv import cv2
from leukoscope.progress import Progress, Silent
from leukoscope.training.stain_vectors import GIEMSA, Stains, stains_of

Image = NDArray[np.uint8]

LARGEST_CACHED_SIDE_PX = 800
SMALLEST_LEVEL_PX = 48


@dataclass(frozen=True)
class Cell:
    """A white cell (or an `other`) that a picture shows."""

    centre_px: tuple[float, float]
    diameter_px: float
    """Of the disc of the same area."""
    target: tuple[int, ...]
    """Indices of the classes that its label allows; empty where nothing is known."""


@dataclass(frozen=True)
class Picture:
    """One image that is trained on or measured."""

    levels: tuple[Image, ...]
    """[H, W, 3] RGB, each half the size of the one before (INTER_AREA)."""
    mask: Image | None
    """[H, W] of 0, 1, 2 at the size of the first level, or None where nobody drew one."""
    target: tuple[int, ...]
    """Indices of the network's classes that the label of the whole image allows; empty for none."""
    cells: tuple[Cell, ...] = ()
    name: str = ""
    origin: str = ""
    """Name of the data folder, or `painted`."""
    group: str = ""
    sha256: str = ""
    stains: Stains = GIEMSA
    """Its azure and eosin, along which it is restained."""
    drawn: bool = True
    """Whether people drew the mask; False where a network did."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.levels[0].shape[:2]
        return width, height


@dataclass(frozen=True)
class Source:
    """A data folder with the labels that the network understands."""

    images: ImageSet
    labels: LabelMap
    classes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The data folder's, `.` too."""
        return self.images.root.resolve().name

    def target(self, item: Item) -> tuple[int, ...]:
        """Class indices of the item's label, empty if it has none or the map excludes it."""
        names = self.labels.target(item.label) if item.label is not None else None
        return tuple(self.classes.index(name) for name in names or ())


def open_source(
    root: Path, network: str, classes: tuple[str, ...], label_maps: Sequence[LabelMap] = ()
) -> Source:
    """Reads the layout of `root` and takes the first of `label_maps` that knows its labels, else a built-in map.

    Raises InputError for a folder in neither layout and for labels that no map knows.
    """
    images = read_image_set(root)
    labels = sorted({item.label for item in images.items if item.label})
    for one in label_maps:
        if labels and all(map(one.knows, labels)):
            return Source(images, one, classes)
    return Source(images, find_label_map(labels, network), classes)


def read_label_maps(paths: Iterable[Path], network: str) -> tuple[LabelMap, ...]:
    """The label maps in these files. Raises InputError for one of another network."""
    maps = tuple(map(load_label_map, paths))
    if strange := [one for one in maps if one.network != network]:
        raise InputError(
            f"the label map {strange[0].name} is for {strange[0].network}",
            wanted=f"one for {network}",
        )
    return maps


def load_pictures(
    source: Source, items: Sequence[Item], progress: Progress | None = None
) -> list[Picture]:
    """Decodes `items`; raises InputError that names the first file that cannot be used."""
    shown = (progress or Silent()).track(items, f"reading {source.name}")
    return [_load(source, item) for item in shown]


def picture_of(
    image: Image, mask: Image | None, target: tuple[int, ...], **rest: object
) -> Picture:
    """A picture from arrays, its pyramid made here."""
    return Picture(pyramid(image), mask, target, stains=stains_of(image), **rest)  # type: ignore[arg-type]


def pyramid(image: Image) -> tuple[Image, ...]:
    """Halved copies down to SMALLEST_LEVEL_PX, so that a reduced view samples without aliasing."""
    levels = [image]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST_LEVEL_PX:
        height, width = levels[-1].shape[:2]
        levels.append(_shrunk(levels[-1], (width // 2, height // 2)))
    return tuple(levels)


def cells_of_mask(mask: Image, target: tuple[int, ...]) -> tuple[Cell, ...]:
    """The white cells of a mask, largest first; specks under a tenth of the largest are left out.

    The image's label is given to a cell only where it is alone: with two cells nobody knows whose it is.
    """
    count, _, stats, centres = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    areas = stats[1:count, cv2.CC_STAT_AREA]
    if not len(areas):
        return ()
    order = [int(i) for i in np.argsort(-areas) if areas[i] >= 0.1 * areas.max()]
    alone = target if len(order) == 1 else ()
    return tuple(
        Cell(
            (float(centres[1 + i][0]), float(centres[1 + i][1])),
            float(np.sqrt(areas[i] * 4 / np.pi)),
            alone,
        )
        for i in order
    )


def hashes_by_group(pictures: Iterable[Picture]) -> dict[str, list[str]]:
    """{group: sorted sha256 of the image files}, as checkpoint headers carry it."""
    found: dict[str, list[str]] = {}
    for picture in pictures:
        found.setdefault(picture.group, []).append(picture.sha256)
    return {group: sorted(found[group]) for group in sorted(found)}


def _load(source: Source, item: Item) -> Picture:
    data = read_bytes(item.path)
    image = decode_image(data, str(item.path))
    mask = read_mask(item.mask) if item.mask is not None else None
    if mask is not None and mask.shape != image.shape[:2]:
        found, wanted = (f"{w} x {h} px" for h, w in (mask.shape, image.shape[:2]))
        raise InputError(f"{item.mask} is {found}", wanted=f"the size of its image, {wanted}")
    image, mask = _bounded(image, mask)
    target = source.target(item)
    return Picture(
        levels=pyramid(image),
        mask=mask,
        target=target,
        cells=cells_of_mask(mask, target) if mask is not None else (),
        name=item.name,
        origin=source.name,
        group=f"{source.name}/{item.group}",
        sha256=sha256_of_bytes(data),
        stains=stains_of(image),
    )


def _bounded(image: Image, mask: Image | None) -> tuple[Image, Image | None]:
    """At most LARGEST_CACHED_SIDE_PX a side: memory, and no view needs more."""
    height, width = image.shape[:2]
    scale = LARGEST_CACHED_SIDE_PX / max(height, width)
    if scale >= 1:
        return image, mask
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if mask is not None:
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
    return _shrunk(image, size), mask


def _shrunk(image: Image, size_px: tuple[int, int]) -> Image:
    return cv2.resize(image, size_px, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
