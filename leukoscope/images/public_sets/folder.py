"""Writes the pictures of a set into a data folder, and its tables."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from leukoscope.errors import InputError
from leukoscope.images.decode import decode_image, read_bytes
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.public_sets.grey_masks import Levels, coded_mask, encode_png
from leukoscope.images.public_sets.offer import LeftOut, Offer, Picture, PublicSet, Source, below
from leukoscope.images.public_sets.record import FileRecord, Record
from leukoscope.images.public_sets.squares import cut_square

SQUARE_PX = 257
"""Side of the squares about marked cells: that of ALL-IDB2, which was cut from ALL-IDB1."""


@dataclass
class FolderWriter:
    """Takes pictures one by one; `finish` writes the tables and gives the record."""

    public_set: PublicSet
    source: Source
    place: Path
    levels: Levels | None
    hashes: Mapping[Path, str]
    files: list[FileRecord] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def write(self, picture: Picture) -> None:
        """Copies the picture, or cuts it out, with its mask; what cannot be read is left out and named."""
        try:
            data = read_bytes(picture.source)
            pixels = decode_image(data, str(picture.source))
        except InputError as cause:
            self._leave(picture.source, "unreadable", str(cause))
            return
        if picture.centre_px is not None:
            square = cut_square(pixels, picture.centre_px, SQUARE_PX)
            if square is None:
                at = "{}, {}".format(*picture.centre_px)
                self._leave(picture.source, "centre outside the field", at)
                return
            data = encode_png(square)
        self._put(picture.name, data)
        mask = self._write_mask(picture, (pixels.shape[1], pixels.shape[0]))
        self.files.append(self._record(picture, mask))

    def finish(self, offer: Offer) -> Record:
        """Writes labels.csv and groups.csv where they belong."""
        masks_layout = self.public_set.layout == "masks"
        if masks_layout:
            rows = ((one.name, one.label) for one in self.files)
            _write_table(self.place / "labels.csv", "label", rows)
        groups = [(one.name, one.group) for one in self.files if one.group is not None]
        if groups:
            _write_table(self.place / "groups.csv", "group", groups)
        return Record(
            self.public_set,
            self.source.root.resolve().name,
            tuple(self.files),
            (*offer.left_out, *self.left_out),
            offer.notes,
        )

    def _write_mask(self, picture: Picture, size_px: tuple[int, int]) -> Path | None:
        if picture.mask is None or self.levels is None:
            return None
        try:
            mask = coded_mask(picture.mask, self.levels, size_px, self.public_set.mask_margin_px)
        except InputError as cause:
            self._leave(picture.mask, "unfit mask", str(cause))
            return None
        target = self.place / "masks" / f"{PurePosixPath(picture.name).stem}.png"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(encode_png(mask))
        return picture.mask

    def _put(self, name: str, data: bytes) -> None:
        folder = "images" if self.public_set.layout == "masks" else "."
        target = self.place / folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def _leave(self, path: Path, cause: str, detail: str) -> None:
        self.left_out.append(LeftOut(below(path, self.source.root), cause, detail))

    def _record(self, picture: Picture, mask: Path | None) -> FileRecord:
        return FileRecord(
            name=picture.name,
            source=below(picture.source, self.source.root),
            sha256=self.hashes[picture.source],
            label=picture.label,
            group=picture.group,
            centre_px=picture.centre_px,
            mask=None if mask is None else below(mask, self.source.root),
            mask_sha256=None if mask is None else sha256_of_file(mask),
        )


def _write_table(path: Path, value: str, rows: Iterable[tuple[str, str | None]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("image", value))
        table.writerows(rows)
