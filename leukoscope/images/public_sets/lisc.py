"""LISC: smear fields by the type of their white cell, 250 of them with nucleus and cytoplasm outlined."""

from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.public_sets.offer import Offer, Picture, PublicSet, Source
from leukoscope.images.public_sets.tree import class_folders, images_below, images_in

LABELS = {
    "baso": "basophil",
    "eosi": "eosinophil",
    "lymp": "lymphocyte",
    "mono": "monocyte",
    "neut": "neutrophil",
    "mixt": "",
}
"""`mixt` has several types in a field, so the field has no label."""
TRUTH = "ground truth segmentation"
EXPERT = "_expert"


def read(source: Source) -> Offer:
    """Fields of `Main Dataset/`, masks `N_expert.bmp` of `Ground Truth Segmentation/` by folder and number."""
    folders = class_folders(source.root, LABELS, skip=TRUTH)
    masks = _masks(source.root)
    pictures = []
    for folder, label in folders.items():
        kind = folder.name.lower()
        pictures += [
            Picture(path, f"{kind}_{path.name}", label, masks.get((kind, path.stem)))
            for path in images_in(folder)
        ]
    return Offer(tuple(pictures))


def _masks(root: Path) -> dict[tuple[str, str], Path]:
    """By the folder of their type and the image's stem; of several experts the first."""
    found: dict[tuple[str, str], Path] = {}
    for path in images_below(root):
        parts = [part.lower() for part in path.relative_to(root).parts]
        if TRUTH not in parts[:-2] or not path.stem.lower().endswith(EXPERT):
            continue
        kind = parts[parts.index(TRUTH) + 1]
        if kind not in LABELS:
            raise InputError(f"{path}: no type {kind}", wanted=", ".join(LABELS))
        found.setdefault((kind, path.stem[: -len(EXPERT)]), path)
    return found


LISC = PublicSet(
    name="lisc",
    layout="masks",
    title="LISC: Leukocyte Images for Segmentation and Classification",
    citation="Rezatofighi and Soltanian-Zadeh 2011, Computerized Medical Imaging and Graphics 35(4):333-343",
    terms="free for research and education; no redistribution, no commercial use without permission; "
    "to be had from the first author's site alone; cite",
    origin="http://users.cecs.anu.edu.au/~hrezatofighi/Data/Leukocyte%20Data.htm",
    wanted="Main Dataset/{Baso,eosi,lymp,mono,neut,mixt}/*.bmp and Ground Truth Segmentation/*/areaforexpert1/*_expert.bmp",
    read=read,
    mask_margin_px=4,
)
