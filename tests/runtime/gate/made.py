"""Judged images made by hand, for tests of the gate."""

from dataclasses import dataclass

import numpy as np

from leukoscope.runtime.judge import Judged
from leukoscope.runtime.metrics.masks import Overlap
from leukoscope.runtime.metrics.targets import Targets, targets_of
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.sample import Sample

CLASSES = ("a", "b", "c")


@dataclass(frozen=True)
class Image:
    """Truth, and what the float model and the variant voted, as indices; None and -1: no label, left out."""

    truth: int | None
    reference: int
    variant: int
    group: str = ""
    agreement: float = 1.0
    masks: tuple[Overlap, Overlap] | None = None
    sha256: str = ""


def judged_of(images, classes=CLASSES, network="xincept_all", **change) -> Judged:
    """An image that names no group is its own; none is the same as another unless it says so."""
    targets = change.pop("targets", None) or targets_of(
        {name: (name,) for name in classes}, classes
    )
    both = [_observations(i, image, classes, targets) for i, image in enumerate(images)]
    values = {
        "network": network,
        "classes": classes,
        "targets": targets,
        "label_map_name": "identity",
        "reference": "fp32",
        "variants": ("fp32", "int8"),
        "observations": {
            "fp32": tuple(one for one, _ in both),
            "int8": tuple(other for _, other in both),
        },
        "excluded": 0,
        "unreadable": (),
        "in_training": 0,
        "left_out": {},
        "voter": "head",
        "backend": {"fp32": "onnxruntime-cpu", "int8": "onnxruntime-cpu"},
        "groups_inferred": False,
    }
    return Judged(**{**values, **change})


def region(shared: int, truth: int, found: int) -> Overlap:
    """The same pixels as a cell and as a nucleus, no cytoplasm."""
    return Overlap((shared, 0, shared), (truth, 0, truth), (found, 0, found))


def _observations(i: int, image: Image, classes, targets: Targets):
    label = None if image.truth in (None, -1) else (classes[image.truth],)
    if label is not None:
        members = next(m for m in targets.members if image.truth in m)
        label = tuple(classes[k] for k in members)
    sample = Sample(
        np.zeros((0, 0, 3), np.uint8), f"{i}.png", image.sha256 or f"{id(image)}-{i}",
        label, image.truth == -1, None, image.group or f"g{i}",
    )  # fmt: skip
    masks = image.masks or (None, None)
    return (
        _observation(sample, image.reference, False, 1.0, masks[0], len(classes)),
        _observation(
            sample, image.variant, image.variant != image.reference, image.agreement, masks[1],
            len(classes),
        ),
    )  # fmt: skip


def _observation(sample, voted, flipped, agreement, overlap, count) -> Observation:
    probabilities = np.full(count, 0.01)
    probabilities[voted] = 1 - 0.01 * (count - 1)
    return Observation(sample, probabilities, voted, agreement, 1.0, flipped, overlap, None, None)
