"""Overlap of masks with the truth, pooled over pixels and by image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REGIONS: tuple[str, ...] = ("cell", "cytoplasm", "nucleus")


@dataclass(frozen=True)
class Overlap:
    """Pixel counts of one image, by `REGIONS`; cell = cytoplasm or nucleus."""

    shared_px: tuple[int, ...]
    truth_px: tuple[int, ...]
    found_px: tuple[int, ...]

    @property
    def joint_px(self) -> tuple[int, ...]:
        """Pixels that either mask holds."""
        rows = zip(self.truth_px, self.found_px, self.shared_px, strict=True)
        return tuple(truth + found - shared for truth, found, shared in rows)


@dataclass(frozen=True)
class MaskScores:
    """Fractions 0 to 1; None where neither truth nor result holds a pixel, or there is no image."""

    iou: dict[str, float | None] | None
    """By region, pooled over the pixels of all images."""
    iou_image_mean: float | None
    """Mean over images of the cell's IoU; 1 for an image without cells in which none was found."""
    dice: float | None
    """Of the cell, pooled over the pixels of all images."""


def overlap(truth: NDArray[np.uint8], found: NDArray[np.uint8]) -> Overlap:
    """Counts two index masks [H, W] (0 background, 1 cytoplasm, 2 nucleus) of one size."""
    counts = np.bincount((truth * 3 + found).ravel(), minlength=9).reshape(3, 3)
    return Overlap(
        shared_px=(int(counts[1:, 1:].sum()), int(counts[1, 1]), int(counts[2, 2])),
        truth_px=(int(counts[1:].sum()), int(counts[1].sum()), int(counts[2].sum())),
        found_px=(int(counts[:, 1:].sum()), int(counts[:, 1].sum()), int(counts[:, 2].sum())),
    )


def score_masks(overlaps: Sequence[Overlap]) -> MaskScores:
    """Pools the counts of many images."""
    if not overlaps:
        return MaskScores(iou=None, iou_image_mean=None, dice=None)
    shared = np.sum([one.shared_px for one in overlaps], axis=0)
    joint = np.sum([one.joint_px for one in overlaps], axis=0)
    iou = [_ratio(a, b) for a, b in zip(shared, joint, strict=True)]
    by_image = [_ratio(one.shared_px[0], one.joint_px[0]) for one in overlaps]
    return MaskScores(
        iou=dict(zip(REGIONS, iou, strict=True)),
        iou_image_mean=float(np.mean([1.0 if value is None else value for value in by_image])),
        dice=_ratio(2 * shared[0], joint[0] + shared[0]),
    )


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None
