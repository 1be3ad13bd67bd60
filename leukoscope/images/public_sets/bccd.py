"""BCCD: smear fields with boxes (Shenggan), types by field (Mooney's copy of the origin), masks (Banik et al.)."""

from collections.abc import Mapping
from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.public_sets.offer import (
    LeftOut,
    Offer,
    Picture,
    PublicSet,
    Source,
    below,
)
from leukoscope.images.public_sets.tree import by_stem, folders_below, images_in
from leukoscope.images.public_sets.voc import read_boxes
from leukoscope.images.tables import read_table

STEM = "BloodImage_{:05d}"
WHITE = "WBC"


def read(source: Source) -> Offer:
    """Fields of `JPEGImages/`, labels by field, masks of the same stem.

    A label is left empty where the boxes count another number of white cells than it names.
    """
    folder = _images(source.root)
    labels = _labels(source.labels or folder.parent / "labels.csv", asked=source.labels is not None)
    masks = {} if source.masks is None else by_stem(source.masks)
    pictures, notes, left_out = [], [], []
    for path in images_in(folder):
        label = labels.get(path.stem, "")
        annotation = folder.parent / "Annotations" / f"{path.stem}.xml"
        try:
            white = _white_cells(annotation)
        except InputError as cause:
            left_out.append(LeftOut(below(annotation, source.root), "unreadable", str(cause)))
            white = None
        if label and white is not None and white != len(label.split(",")):
            detail = f"{label} against {white} boxes of white cells"
            notes.append(LeftOut(below(path, source.root), "label against boxes", detail))
            label = ""
        pictures.append(Picture(path, path.name, label, masks.get(path.stem)))
    return Offer(tuple(pictures), tuple(left_out), tuple(notes))


def _images(root: Path) -> Path:
    found = [folder for folder in folders_below(root) if folder.name == "JPEGImages"]
    if len(found) != 1:
        raise InputError(
            f"{root} has {len(found)} folders JPEGImages", wanted="one, with the fields of BCCD"
        )
    return found[0]


def _labels(table: Path, *, asked: bool) -> Mapping[str, str]:
    """Stem -> label, from a table with the columns Image (a number) and Category."""
    if not asked and not table.exists():
        return {}
    labels = {}
    for number, category in read_table(table, "Image", "Category").items():
        if not (number.isascii() and number.isdigit() and len(number) <= 5):
            raise InputError(f"{table} has the image {number[:40]!r}", wanted="a number")
        labels[STEM.format(int(number))] = category
    return labels


def _white_cells(annotation: Path) -> int | None:
    """How many white cells are boxed; None without annotation."""
    if not annotation.exists():
        return None
    return sum(box.name == WHITE for box in read_boxes(annotation))


BCCD = PublicSet(
    name="bccd",
    layout="masks",
    title="BCCD Dataset",
    citation="Shenggan, BCCD Dataset, github.com/Shenggan/BCCD_Dataset, after cosmicad and akshaylamba; "
    "masks: Banik, Saha and Kim 2020, Expert Systems with Applications 149:113211",
    terms="MIT; masks MIT",
    origin="https://github.com/Shenggan/BCCD_Dataset; types: dataset-master/labels.csv of "
    "https://www.kaggle.com/datasets/paultimothymooney/blood-cells",
    wanted="JPEGImages/BloodImage_*.jpg, beside it Annotations/*.xml and labels.csv",
    read=read,
    extras=frozenset({"masks", "labels"}),
)
