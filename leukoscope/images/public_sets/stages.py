"""Sets with a folder for each stage of ALL: the Iranian one, and Pak-ALL."""

from leukoscope.images.public_sets.offer import Offer, Picture, PublicSet, Source
from leukoscope.images.public_sets.tree import class_folders, images_in

LABELS = {
    "benign": "Benign",
    "early": "Early",
    "pre": "Pre",
    "pro": "Pro",
    "[malignant] early pre-b": "Early",
    "[malignant] pre-b": "Pre",
    "[malignant] pro-b": "Pro",
}
"""Folder names in lower case, of the two forms in which the Iranian set circulates."""
DERIVED = "segmented"
"""The Iranian set's second tree: the same fields with all but the blasts painted black."""


def read(source: Source) -> Offer:
    """The fields of each stage's folder."""
    folders = class_folders(source.root, LABELS, skip=DERIVED)
    return Offer(
        tuple(
            Picture(path, f"{label}/{path.name}", label)
            for folder, label in folders.items()
            for path in images_in(folder)
        )
    )


IRANIAN_ALL = PublicSet(
    name="iranian_all",
    layout="classes",
    title="Acute Lymphoblastic Leukemia image dataset (Taleqani hospital)",
    citation="Ghaderzadeh et al. 2022, International Journal of Intelligent Systems, doi 10.1002/int.22753",
    terms="do not redistribute; cite",
    origin="https://www.kaggle.com/datasets/mehradaria/leukemia",
    wanted="Original/{Benign,Early,Pre,Pro}/*.jpg, or Blood cell Cancer [ALL]/{Benign,[Malignant] ...}/*.jpg",
    read=read,
)

PAK_ALL = PublicSet(
    name="pak_all",
    layout="classes",
    title="Pak-ALL",
    citation="Khan et al. 2025, Frontiers in Medicine 12:1694024",
    terms="private; as agreed with its authors",
    origin="not published",
    wanted="{Benign,Early,Pre,Pro}/*",
    read=read,
)
