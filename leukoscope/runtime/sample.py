"""One image of a data folder with its truth."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.decode import decode_image, read_bytes, read_mask
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import Item

BLANK_LEVELS = 1.0
"""Standard deviation of every channel, in grey levels, below which a picture shows nothing (our choice)."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Read and ready to be judged."""

    pixels: NDArray[np.uint8]
    """[H, W, 3] RGB."""
    name: str
    sha256: str
    """Of the file's bytes."""
    target: tuple[str, ...] | None
    """Classes that its label stands for; None where it has none or the map leaves it out."""
    excluded: bool
    """The label map leaves its label out."""
    mask: NDArray[np.uint8] | None
    """[H, W] index 0 background, 1 cytoplasm, 2 nucleus, at its own size."""
    group: str = ""
    """Its slide or patient, as the item names it."""
    path: Path = Path()

    @property
    def is_blank(self) -> bool:
        """Whether the picture shows nothing, such as a black or a white one."""
        few = self.pixels[::4, ::4].reshape(-1, 3).astype(np.float64)
        return bool(few.std(axis=0).max() < BLANK_LEVELS)

    def without_pixels(self) -> "Sample":
        """The same with an empty picture and no mask: what a list of a thousand can keep."""
        return replace(self, pixels=np.zeros((0, 0, 3), np.uint8), mask=None)


def read_sample(item: Item, label_map: LabelMap | None) -> Sample:
    """Reads the file once for its hash and its pixels. InputError names what cannot be read."""
    data = read_bytes(item.path)
    return Sample(
        pixels=decode_image(data, str(item.path)),
        name=item.name,
        sha256=sha256_of_bytes(data),
        target=None if label_map is None else label_map.target(item.label),
        excluded=is_excluded(item, label_map),
        mask=None if item.mask is None else read_mask(item.mask),
        group=item.group,
        path=item.path,
    )


def is_excluded(item: Item, label_map: LabelMap | None) -> bool:
    """Whether the image has a label that the map leaves out, such as several cells; '' is such a label."""
    if item.label is None or label_map is None:
        return False
    return label_map.target(item.label) is None
