"""ALL-IDB2: single cells cut from ALL-IDB1, a blast or not; masks by Loddo and Putzu."""

import re

from leukoscope.images.public_sets.offer import Offer, Picture, PublicSet, Source
from leukoscope.images.public_sets.tree import by_stem, images_below, is_hidden

NAME = re.compile(r"Im[0-9]{3}_([01])", re.ASCII)
LABELS = {"0": "normal", "1": "blast"}
SUFFIXES = (".tif", ".tiff", ".png", ".bmp")
"""ALL-IDB1's fields have the same names and are JPEG."""


def read(source: Source) -> Offer:
    """Cells `ImXXX_Y.tif`, masks of the same stem."""
    masks = {} if source.masks is None else by_stem(source.masks)
    taken = set(masks.values())
    cells = [
        path
        for path in images_below(source.root)
        if path.suffix.lower() in SUFFIXES and not is_hidden(path) and path not in taken
    ]
    return Offer(
        tuple(
            Picture(path, path.name, LABELS[found[1]], masks.get(path.stem))
            for path in cells
            if (found := NAME.fullmatch(path.stem))
        )
    )


ALL_IDB2 = PublicSet(
    name="all_idb2",
    layout="masks",
    title="ALL-IDB2: Acute Lymphoblastic Leukemia Image Database",
    citation="Labati, Piuri and Scotti 2011, IEEE ICIP, 2045-2048, doi 10.1109/ICIP.2011.6115881; "
    "masks: Di Ruberto, Loddo and Putzu 2016, Machine Vision and Applications 27:1151-1160",
    terms="on request from its authors, for research; do not redistribute; cite; masks MIT",
    origin="https://scotti.di.unimi.it/all/; masks: https://github.com/lputzu/ALL-IDB2_masks",
    wanted="img/ImXXX_Y.tif",
    read=read,
    extras=frozenset({"masks"}),
)
