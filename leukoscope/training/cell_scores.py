"""Figures of SG-CLDFF by data folder: masks on whole fields, types on cell crops as the stream cuts them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from leukoscope.images.contract import Contract, place, to_field
from leukoscope.models.network import Network
from leukoscope.training.cell_views import cell_crop, middle_crop
from leukoscope.training.losses import Target
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.predict import outputs, probabilities_of
from leukoscope.training.scores import MaskCounts, classification_scores
from leukoscope.training.temperature import fit_temperature

Crops = tuple[list[Image], list[Target]]


def segmentation_scores(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[str, dict[str, Any]]:
    """{folder: {"iou": {..}, "types": {..}}}: pooled IoU at the masks' own resolution, types on crops.

    Folders without masks or types lack the entry; `other` without a mask counts for types only.
    """
    found: dict[str, dict[str, Any]] = {}
    for origin in sorted({picture.origin for picture in pictures}):
        members = [picture for picture in pictures if picture.origin == origin]
        found[origin] = {}
        if masked := [picture for picture in members if picture.mask is not None]:
            found[origin]["iou"] = mask_iou(network, masked, contract)
        frames, targets = type_crops(members, contract.input_px)
        if frames:
            probabilities = probabilities_of(network, frames)
            found[origin]["types"] = classification_scores(probabilities, targets, network.classes)
    return found


def mask_iou(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[str, float | None]:
    """Pooled IoU of cell, cytoplasm and nucleus on whole fields."""
    counts = MaskCounts()
    for start in range(0, len(pictures), 16):
        some = pictures[start : start + 16]
        placed = [place(picture.levels[0], contract) for picture in some]
        shares = outputs(network, [square for square, _ in placed], ["mask"])["mask"].numpy()
        for picture, share, (_, placement) in zip(some, shares, placed, strict=True):
            assert picture.mask is not None
            counts.add(to_field(share, placement).argmax(0), picture.mask)
    return counts.iou()


def type_crops(pictures: Sequence[Picture], side_px: int) -> Crops:
    """Crops with known type: two diameters about outlined cells, the middle of single-cell images without a mask."""
    frames: list[Image] = []
    targets: list[Target] = []
    for picture in pictures:
        if picture.mask is None and picture.target:
            frames.append(middle_crop(picture, side_px).image)
            targets.append(picture.target)
        for cell in picture.cells:
            if cell.target:
                frames.append(cell_crop(picture, cell, side_px).image)
                targets.append(cell.target)
    return frames, targets


def summary(scores: dict[str, dict[str, Any]]) -> dict[str, float]:
    """For the progress line: `iou` (mean cell IoU over folders), each folder's IoU, `types` (mean balanced accuracy)."""
    ious = {name: one["iou"]["cell"] or 0.0 for name, one in scores.items() if "iou" in one}
    types = {
        name: one["types"]["balanced_accuracy"] for name, one in scores.items() if "types" in one
    }
    found = {}
    if ious:
        found["iou"] = float(np.mean(list(ious.values())))
    if types:
        found["types"] = float(np.mean(list(types.values())))
    found |= {f"{name} iou": value for name, value in ious.items() if len(ious) > 1}
    return found | {f"{name} types": value for name, value in types.items() if len(types) > 1}


def fit_type_temperature(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> float:
    """Sets the network's temperature on the crops of `pictures` that have one class; returns it."""
    frames, targets = type_crops(pictures, contract.input_px)
    single = [row for row, target in enumerate(targets) if len(target) == 1]
    if not single:
        return 1.0
    logits = outputs(network, [frames[row] for row in single], ["logits"])["logits"].numpy()
    truth = np.array([targets[row][0] for row in single], np.int64)
    network.temperature.fill_(fit_temperature(logits, truth))
    return round(float(network.temperature), 4)
