"""Makes what the package ships from freshly trained networks: half-precision checkpoints, trees, a ready bundle.

    python tools/make_ready.py XINCEPT_ALL.safetensors SG_CLDFF.safetensors DATA/iranian_all

The trees are fitted here, on the features of the checkpoint in the precision that ships. Fields of XIncept-ALL have no masks;
the scale that its contract names is measured in the masks of SG-CLDFF.
"""

import json
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from leukoscope.cli.console import progress
from leukoscope.export.bundle import export_bundle
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import load_checkpoint, save_checkpoint
from leukoscope.training.pictures import cells_of_mask, load_pictures, open_source
from leukoscope.training.predict import outputs, squares
from leukoscope.training.stage_views import SCALES
from leukoscope.training.trees import TreesOrder, train_trees

READY = Path(__file__).resolve().parent.parent / "leukoscope" / "ready"
PAINTED = 120
"""Painted fields among the trees' rows, so that the voter knows them too."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for all members, so that the same bundle gives the same archive."""


MEASURED = 200
"""Fields of the fitted part whose cells are measured."""


def halved(
    source: Path, name: str, folder: Path, scale: tuple[int, int, int] | None = None
) -> Path:
    """Writes the checkpoint with its kernels in half precision, and with the scale in its contract."""
    network, header = load_checkpoint(source)
    if scale is not None:
        contract = Contract(network.input_px, white_cell_px=scale)
        header = replace(header, contract=contract.to_json())
    target = folder / f"{name}.safetensors"
    save_checkpoint(target, network, header, half=True)
    return target


def diameters_in_the_square(fusion: Path, segmentation: Path, data: Path) -> tuple[int, int, int]:
    """Least, usual and greatest diameter of white cells in XIncept-ALL's square, widened by the scales of its training views."""
    network, header = load_checkpoint(fusion)
    outliner, _ = load_checkpoint(segmentation)
    source = open_source(data, network.name, network.classes)
    fitted = {digest for group in header.data["parts"]["fit"].values() for digest in group}
    items = [item for item in source.images.items if sha256_of_file(item.path) in fitted]
    pictures = load_pictures(source, items[:: max(1, len(items) // MEASURED)])
    squared = squares(pictures, Contract(outliner.input_px))
    masks = outputs(outliner, squared, ["mask"])["mask"].argmax(1).byte().numpy()
    found = [cell.diameter_px for mask in masks for cell in cells_of_mask(mask, ())]
    low, usual, high = np.percentile(found, [10, 50, 90]) * network.input_px / outliner.input_px
    smaller, larger = SCALES
    return round(low / larger), round(usual), min(network.input_px, round(high / smaller))


def zipped(folder: Path, archive: Path) -> None:
    """Packs the folder's files, as small as the standard library can."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as out:
        for file in sorted(folder.iterdir()):
            out.writestr(zipfile.ZipInfo(file.name, EPOCH), file.read_bytes(), zipfile.ZIP_LZMA)


def main() -> None:
    fusion, segmentation, data = map(Path, sys.argv[1:4])
    scale = diameters_in_the_square(fusion, segmentation, data)
    print(f"white cells of XIncept-ALL's fields, px: {scale}")
    with tempfile.TemporaryDirectory() as place:
        folder, bundle = Path(place) / "checkpoints", Path(place) / "bundle"
        folder.mkdir()
        checkpoints = [
            halved(fusion, "xincept_all", folder, scale),
            halved(segmentation, "sg_cldff", folder),
        ]
        trees = folder / "trees.json"
        with progress() as shown:
            order = TreesOrder(checkpoints[0], (data,), trees, painted=PAINTED)
            figures = train_trees(order, shown)
        print(json.dumps(figures, indent=1))
        zipped(folder, READY / "checkpoints.zip")
        zipped(export_bundle(checkpoints, trees, bundle), READY / "bundle.zip")
    for file in sorted(READY.rglob("*")):
        if file.is_file():
            print(f"{file.stat().st_size / 1e6:7.2f} MB  {file.relative_to(READY)}")


if __name__ == "__main__":
    main()
