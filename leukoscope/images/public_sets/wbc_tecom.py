"""Dataset 1 of Zheng et al.: single cells under a rapid stain, from Jiangxi Tecom."""

from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.public_sets.offer import Offer, Picture, PublicSet, Source
from leukoscope.images.public_sets.tree import folders_below
from leukoscope.images.tables import read_table

FOLDER = "Dataset 1"
TABLE = "Class Labels of Dataset 1.csv"
LABELS = {
    "1": "neutrophil",
    "2": "lymphocyte",
    "3": "monocyte",
    "4": "eosinophil",
    "5": "basophil",
}


def read(source: Source) -> Offer:
    """Cells `001.bmp` with masks `001.png` beside them, labels from the table of numbers."""
    home = _home(source.root)
    labels = _labels(home / TABLE)
    pictures = []
    for path in sorted((home / FOLDER).glob("*.bmp")):
        mask = path.with_suffix(".png")
        label = labels.get(path.stem, "")
        pictures.append(Picture(path, path.name, label, mask if mask.exists() else None))
    return Offer(tuple(pictures))


def _home(root: Path) -> Path:
    for folder in folders_below(root):
        if (folder / FOLDER).is_dir() and (folder / TABLE).is_file():
            return folder
    raise InputError(f"{root} has no {FOLDER} with {TABLE} beside it", wanted=WBC_TECOM.wanted)


def _labels(table: Path) -> dict[str, str]:
    """Stem, three digits, -> label."""
    labels = {}
    for number, code in read_table(table, "image ID", "class label").items():
        if not (number.isascii() and number.isdigit() and len(number) <= 3) or code not in LABELS:
            raise InputError(
                f"{table} has the row {number[:20]},{code[:20]}", wanted="a number and 1 to 5"
            )
        labels[f"{int(number):03d}"] = LABELS[code]
    return labels


WBC_TECOM = PublicSet(
    name="wbc_tecom",
    layout="masks",
    title="White blood cell images, Dataset 1 (Jiangxi Tecom)",
    citation="Zheng et al. 2018, Micron 107:55-71, doi 10.1016/j.micron.2018.01.010; "
    "acknowledge Jiangxi Tecom Science Corporation, China",
    terms="GPL-3 file in its repository",
    origin="https://github.com/zxaoyou/segmentation_WBC",
    wanted=f"{FOLDER}/001.bmp, {FOLDER}/001.png and {TABLE}",
    read=read,
)
