"""Makes what the package ships from freshly trained networks: half-precision checkpoints, trees, a ready bundle.

    python tools/make_ready.py XINCEPT_ALL.safetensors SG_CLDFF.safetensors DATA/iranian_all

The trees are fitted here, on the features of the checkpoint in the precision that ships.
"""

import json
import sys
import tempfile
import zipfile
from pathlib import Path

from leukoscope.cli.console import progress
from leukoscope.export.bundle import export_bundle
from leukoscope.models.checkpoint import load_checkpoint, save_checkpoint
from leukoscope.training.trees import TreesOrder, train_trees

READY = Path(__file__).resolve().parent.parent / "leukoscope" / "ready"
PAINTED = 240
"""Painted fields among the trees' rows, so that the voter knows them too."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for all members, so that the same bundle gives the same archive."""


def halved(source: Path, name: str) -> Path:
    """Writes the checkpoint with its kernels in half precision."""
    network, header = load_checkpoint(source)
    target = READY / "checkpoints" / f"{name}.safetensors"
    save_checkpoint(target, network, header, half=True)
    return target


def zipped(bundle: Path, archive: Path) -> None:
    """Packs the bundle's files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for file in sorted(bundle.iterdir()):
            out.writestr(zipfile.ZipInfo(file.name, EPOCH), file.read_bytes(), zipfile.ZIP_DEFLATED)


def main() -> None:
    fusion, segmentation, data = map(Path, sys.argv[1:4])
    (READY / "checkpoints").mkdir(parents=True, exist_ok=True)
    checkpoints = [halved(fusion, "xincept_all"), halved(segmentation, "sg_cldff")]
    trees = READY / "checkpoints" / "trees.json"
    with progress() as shown:
        figures = train_trees(TreesOrder(checkpoints[0], (data,), trees, painted=PAINTED), shown)
    print(json.dumps(figures, indent=1))
    with tempfile.TemporaryDirectory() as folder:
        bundle = export_bundle(checkpoints, trees, Path(folder) / "bundle")
        zipped(bundle, READY / "bundle.zip")
    for file in sorted(READY.rglob("*")):
        if file.is_file():
            print(f"{file.stat().st_size / 1e6:7.2f} MB  {file.relative_to(READY)}")


if __name__ == "__main__":
    main()
