"""Data folders of small images, and bundles that are only a manifest: choosing images needs no graph."""

from pathlib import Path

import cv2
import numpy as np

from leukoscope.bundle.manifest import Manifest, NetworkEntry, TreesEntry
from leukoscope.bundle.read import Bundle
from leukoscope.calibration.candidates import Candidate
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.layouts import Item
from leukoscope.progress import Silent

CLASSES = {"xincept_all": STAGES, "sg_cldff": CELL_TYPES}


class Notes(Silent):
    """Keeps what is said."""

    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)

    def __contains__(self, text):
        return any(text in line for line in self.lines)


def bare_bundle(networks=("xincept_all", "sg_cldff"), images=(), groups=(), trees_images=()):
    """A manifest that says of every network that it was trained on `images` and `groups`."""
    provenance = {"training_images": list(images), "training_groups": list(groups)}
    entries = {
        name: NetworkEntry(CLASSES[name], {}, "toy", {}, True, 1, "t", (1, 1), 1.0, {}, provenance)
        for name in networks
    }
    trees = TreesEntry("trees.bin", "xincept_all", 8, STAGES, 4, "nodes", 1.0)
    trees.provenance["training_images"] = list(trees_images)
    return Bundle(Path("bare"), Manifest("tests", entries, trees), "0" * 64)


def smear(seed, size_px=(40, 32)):
    """uint8 [H, W, 3]: some ground, some dots, another stain for each seed."""
    draw = np.random.default_rng(seed)
    image = np.full((size_px[1], size_px[0], 3), 255 - draw.integers(0, 40, 3), np.uint8)
    for _ in range(draw.integers(1, 6)):
        centre = tuple(int(draw.integers(0, side)) for side in size_px)
        colour = tuple(int(v) for v in draw.integers(20, 200, 3))
        cv2.circle(image, centre, int(draw.integers(3, 12)), colour, -1)
    return image


def write_stages(root, per_class=12, seed=0, classes=STAGES):
    """`root/STAGE/0000.png`; ten inferred groups a class, where there are as many images."""
    for place, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for index in range(per_class):
            pixels = smear(seed + 1000 * place + index)
            cv2.imwrite(str(root / name / f"{index:04d}.png"), pixels)
    return root


def write_cells(root, labels, seed=0, masks=True):
    """`root/images`, `root/masks` and `root/labels.csv`."""
    (root / "images").mkdir(parents=True)
    (root / "masks").mkdir()
    rows = ["image,label"]
    for index, label in enumerate(labels):
        name = f"{index:04d}.png"
        cv2.imwrite(str(root / "images" / name), smear(seed + index))
        if masks:
            mask = np.zeros((32, 40), np.uint8)
            cv2.circle(mask, (20, 16), 8, 128, -1)
            cv2.imwrite(str(root / "masks" / name), mask)
        rows.append(f'{name},"{label}"')
    (root / "labels.csv").write_text("\n".join(rows))
    return root


def candidate(index, group="set/g0", label="Benign", features=None, **rest):
    """One that no file stands behind; everything that is not given follows from `index`."""
    own = group.partition("/")[2]
    item = Item(Path(f"{index}.png"), f"{index}.png", label, None, group)
    values = {
        "name": f"{group.partition('/')[0]}/{index}.png", "sha256": f"{index:064x}",
        "pixels_sha256": f"p{index}", "label": label, "classes": (label,) if label else (),
        "features": np.array([float(index), 0.0]) if features is None else features,
        "offer_index": 0, "own_group": own, "trained": False, "near": False, **rest,
    }  # fmt: skip
    return Candidate(item=item, **values)
