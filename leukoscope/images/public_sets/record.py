"""The record of a conversion, kept as `provenance.json` in the result."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from leukoscope import __version__
from leukoscope.images.public_sets.offer import LeftOut, PublicSet

SCHEMA = 1
NAME = "provenance.json"


@dataclass(frozen=True)
class FileRecord:
    """One image of the result: its name there, and the file that it is or was cut from."""

    name: str
    source: str
    sha256: str
    """Of the source file."""
    label: str
    group: str | None
    centre_px: tuple[int, int] | None
    mask: str | None
    mask_sha256: str | None
    """Of the mask as published."""


@dataclass(frozen=True)
class Record:
    """What was taken, what was left out, and what was taken otherwise than the set has it."""

    public_set: PublicSet
    source: str
    files: tuple[FileRecord, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[LeftOut, ...]

    @property
    def unreadable(self) -> tuple[LeftOut, ...]:
        """Files of the set itself that could not be read or used."""
        return tuple(one for one in self.left_out if one.cause in ("unreadable", "unfit mask"))

    def counts(self) -> dict[str, Any]:
        """How many images, by label, with masks, left out by cause."""
        return {
            "images": len(self.files),
            "labels": dict(Counter(one.label for one in self.files)),
            "masks": sum(one.mask is not None for one in self.files),
            "groups": len({one.group for one in self.files if one.group is not None}),
            "left_out": dict(Counter(one.cause for one in self.left_out)),
            "notes": dict(Counter(one.cause for one in self.notes)),
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values, the set's terms and citation first."""
        one = self.public_set
        return {
            "schema": SCHEMA,
            "set": one.name,
            "title": one.title,
            "citation": one.citation,
            "terms": one.terms,
            "origin": one.origin,
            "converted_by": f"leukoscope {__version__}",
            "source": self.source,
            "counts": self.counts(),
            "files": [asdict(file) for file in self.files],
            "left_out": [asdict(file) for file in self.left_out],
            "notes": [asdict(file) for file in self.notes],
        }

    def in_words(self) -> list[str]:
        """Lines for people."""
        counts = self.counts()
        labels = ", ".join(f"{n} {name or 'unlabelled'}" for name, n in counts["labels"].items())
        lines = [f"{counts['images']} images ({labels}), {counts['masks']} masks"]
        lines[0] += f", {counts['groups']} groups" if counts["groups"] else ", groups not known"
        lines += [f"left out: {n} {cause}" for cause, n in counts["left_out"].items()]
        lines += [f"changed: {n} {cause}" for cause, n in counts["notes"].items()]
        lines += [f"  {one.source}: {one.detail}" for one in self.unreadable]
        return [*lines, f"terms: {self.public_set.terms}", f"cite: {self.public_set.citation}"]


def write_record(record: Record, folder: Path) -> None:
    """Writes `provenance.json` into `folder`."""
    text = json.dumps(record.to_json(), indent=1, ensure_ascii=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
