"""Reading the images that are offered: each once, for its hashes, its stain statistics and its group."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from leukoscope.calibration.offers import Offer
from leukoscope.calibration.spread import is_blank, stain_features
from leukoscope.errors import InputError
from leukoscope.images.decode import decode_image, read_bytes
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.layouts import Item
from leukoscope.progress import Progress
from leukoscope.runtime.provenance import Seen, named_items, near, set_names
from leukoscope.runtime.sample import is_excluded

UNREADABLE = "unreadable"
"""Cause under which files are left out that cannot be read."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """An image that was read. Its item's group is SETNAME/GROUP."""

    item: Item
    name: str
    """SETNAME/NAME, for people."""
    sha256: str
    """Of the file's bytes."""
    pixels_sha256: str
    """Of size and decoded pixels: also the same for a file that was only tagged or packed in another way."""
    label: str
    """The class that its label stands for; the label itself where that is several classes, '' where there is none."""
    classes: tuple[str, ...]
    features: NDArray[np.float64]
    offer_index: int
    own_group: str
    """As its folder calls it, without SETNAME/."""
    trained: bool
    """Its bytes were trained on."""
    near: bool
    """So was something of its group."""

    @property
    def group(self) -> str:
        return self.item.group


@dataclass(frozen=True)
class LeftOut:
    """Names of images by the cause for which they are left out."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, cause: str, name: str) -> None:
        self.names.setdefault(cause, []).append(name)

    def sorted(self) -> dict[str, tuple[str, ...]]:
        return {cause: tuple(sorted(names)) for cause, names in sorted(self.names.items())}

    def counts(self) -> str:
        """' (left out: 2 duplicate, 3 unreadable)', or ''."""
        parts = [f"{len(names)} {cause}" for cause, names in sorted(self.names.items())]
        return f" (left out: {', '.join(parts)})" if parts else ""


def read_candidates(
    offers: Sequence[Offer], seen: Seen, left_out: LeftOut, progress: Progress
) -> list[Candidate]:
    """Every image of the offers that shows something, whatever the order of the files in them.

    Left out: 'label map' (a label that it excludes, and no mask that could be judged), 'unreadable' and 'blank'.
    """
    names = set_names([offer.images.root for offer in offers])
    found: list[Candidate] = []
    for index, (offer, set_name) in enumerate(zip(offers, names, strict=True)):
        found += _Reading(offer, set_name, index, left_out, seen).read(progress)
    return sorted(found, key=lambda one: (one.group, one.name))


@dataclass(frozen=True)
class _Reading:
    """One folder being read."""

    offer: Offer
    set_name: str
    index: int
    left_out: LeftOut
    seen: Seen
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 by the item's name, of everything whose bytes could be read."""

    def read(self, progress: Progress) -> list[Candidate]:
        images = self.offer.images
        items = named_items(images, self.set_name)
        shown = progress.track(items, f"read {images.root.name}")
        found = [one for item in shown if (one := self._candidate(item, progress))]
        members = [
            (digest, item.group) for item in images.items if (digest := self.digests.get(item.name))
        ]
        close = near(images.root.resolve().name, members, images.groups_inferred, self.seen)
        groups = {f"{self.set_name}/{group}" for group in close}
        return [replace(one, near=one.group in groups) for one in found]

    def _candidate(self, item: Item, progress: Progress) -> Candidate | None:
        """None where it is left out."""
        name = f"{self.set_name}/{item.name}"
        if item.mask is None and is_excluded(item, self.offer.label_map):
            self.left_out.add("label map", name)
            return None
        try:
            data = read_bytes(item.path)
            digest = self.digests[item.name] = sha256_of_bytes(data)
            pixels = decode_image(data, str(item.path))
        except InputError as cause:
            self.left_out.add(UNREADABLE, name)
            progress.note(f"left out: {cause}")
            return None
        if is_blank(pixels):
            self.left_out.add("blank", name)
            return None
        classes = self._classes(item)
        return Candidate(
            item=item,
            name=name,
            sha256=digest,
            pixels_sha256=_pixel_digest(pixels),
            label=classes[0] if len(classes) == 1 else (item.label or "") if classes else "",
            classes=classes,
            features=stain_features(pixels),
            offer_index=self.index,
            own_group=item.group.removeprefix(f"{self.set_name}/"),
            trained=digest in self.seen.images,
            near=False,
        )

    def _classes(self, item: Item) -> tuple[str, ...]:
        label_map = self.offer.label_map
        return (label_map.target(item.label) or ()) if label_map is not None else ()


def _pixel_digest(pixels: NDArray[np.uint8]) -> str:
    height, width = pixels.shape[:2]
    return sha256_of_bytes(f"{height}x{width}:".encode() + pixels.tobytes())
