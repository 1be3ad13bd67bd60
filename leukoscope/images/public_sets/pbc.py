"""PBC: single cells of healthy people in eight folders, from a CellaVision analyser."""

from leukoscope.images.public_sets.offer import Offer, Picture, PublicSet, Source
from leukoscope.images.public_sets.tree import class_folders, images_in

KINDS = (
    "basophil",
    "eosinophil",
    "erythroblast",
    "ig",
    "lymphocyte",
    "monocyte",
    "neutrophil",
    "platelet",
)
LABELS = {kind: kind for kind in KINDS}


def read(source: Source) -> Offer:
    """The cells of each folder."""
    folders = class_folders(source.root, LABELS)
    return Offer(
        tuple(
            Picture(path, f"{label}/{path.name}", label)
            for folder, label in folders.items()
            for path in images_in(folder)
        )
    )


PBC = PublicSet(
    name="pbc",
    layout="classes",
    title="A dataset for microscopic peripheral blood cell images",
    citation="Acevedo et al. 2020, Data in Brief 30:105474, doi 10.17632/snkd93bnjr.1",
    terms="CC BY 4.0",
    origin="https://data.mendeley.com/datasets/snkd93bnjr/1",
    wanted="PBC_dataset_normal_DIB/{" + ",".join(KINDS) + "}/*.jpg",
    read=read,
)
