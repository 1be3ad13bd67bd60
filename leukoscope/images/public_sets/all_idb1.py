"""ALL-IDB1: smear fields of patients with ALL and of healthy people, with the centres of cells."""

import re

from leukoscope.errors import InputError
from leukoscope.images.public_sets.offer import LeftOut, Offer, Picture, PublicSet, Source, below
from leukoscope.images.public_sets.tree import by_stem
from leukoscope.images.public_sets.xyc import read_centres

NAME = re.compile(r"(Im[0-9]{3})_([01])", re.ASCII)
LABELS = {"0": "normal", "1": "blast"}
"""A field `_0` is of a healthy person: whatever is marked in it is no blast."""


def read(source: Source) -> Offer:
    """A square about each centre in `ImXXX_Y.xyc`; a field's squares are one group."""
    centres = {path.stem: path for path in source.root.rglob("*.xyc") if path.is_file()}
    pictures: list[Picture] = []
    left_out = []
    for stem, path in by_stem(source.root).items():
        found = NAME.fullmatch(stem)
        if found is None:
            continue
        name = below(path, source.root)
        try:
            marks = read_centres(centres[stem]) if stem in centres else ()
        except InputError as cause:
            left_out.append(LeftOut(below(centres[stem], source.root), "unreadable", str(cause)))
            continue
        if not marks:
            left_out.append(LeftOut(name, "no cell is marked"))
        label = LABELS[found[2]]
        pictures += [
            Picture(path, f"{label}/{stem}_{n:03d}.png", label, group=found[1], centre_px=mark)
            for n, mark in enumerate(marks)
        ]
    return Offer(tuple(pictures), tuple(left_out))


ALL_IDB1 = PublicSet(
    name="all_idb1",
    layout="classes",
    title="ALL-IDB1: Acute Lymphoblastic Leukemia Image Database",
    citation="Labati, Piuri and Scotti 2011, IEEE ICIP, 2045-2048, doi 10.1109/ICIP.2011.6115881",
    terms="on request from its authors, for research; do not redistribute; cite",
    origin="https://scotti.di.unimi.it/all/",
    wanted="im/ImXXX_Y.jpg and xyc/ImXXX_Y.xyc",
    read=read,
)
