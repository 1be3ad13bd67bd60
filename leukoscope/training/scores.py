"""Figures of a classifier whose labels may stand for several classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.training.losses import Target

Probabilities = NDArray[np.float32]


def answers(targets: Sequence[Target], classes: int) -> list[Target]:
    """What may be answered: the set's labels, and each class that none of them allows.

    all_idb2 has `blast` and `normal`, so its answers are blast and the rest together.
    """
    labels = sorted(set(targets))
    covered = {index for label in labels for index in label}
    return labels + [(index,) for index in range(classes) if index not in covered]


def voted(probabilities: Probabilities, candidates: Sequence[Target]) -> list[Target]:
    """The answer with the greatest summed probability, for each row."""
    sums = np.stack([probabilities[:, list(one)].sum(1) for one in candidates], axis=1)
    return [candidates[index] for index in sums.argmax(1)]


def classification_scores(
    probabilities: Probabilities, targets: Sequence[Target], classes: Sequence[str]
) -> dict[str, Any]:
    """n, accuracy, balanced accuracy, recall by label and the confusion, over the labelled rows; empty without any."""
    rows = [row for row, target in enumerate(targets) if target]
    if not rows:
        return {}
    truth = [targets[row] for row in rows]
    found = voted(probabilities[rows], answers(truth, len(classes)))
    recall: dict[str, float] = {}
    confusion: dict[str, dict[str, int]] = {}
    for label in sorted(set(truth)):
        given = [answer for answer, wanted in zip(found, truth, strict=True) if wanted == label]
        name = label_name(label, classes)
        recall[name] = round(given.count(label) / len(given), 4)
        confusion[name] = {
            label_name(answer, classes): given.count(answer) for answer in sorted(set(given))
        }
    hits = sum(answer == wanted for answer, wanted in zip(found, truth, strict=True))
    return {
        "n": len(rows),
        "accuracy": round(hits / len(rows), 4),
        "balanced_accuracy": round(float(np.mean(list(recall.values()))), 4),
        "recall": recall,
        "confusion": confusion,
    }


def label_name(target: Target, classes: Sequence[str]) -> str:
    """`blast`, or `not blast` where a label allows every class but one."""
    if len(target) == 1:
        return classes[target[0]]
    left_out = [name for index, name in enumerate(classes) if index not in target]
    if len(left_out) == 1:
        return f"not {left_out[0]}"
    return " or ".join(classes[index] for index in target)


class MaskCounts:
    """Pixels of intersection and union, pooled over images at the masks' own resolution."""

    PARTS = ("cell", "cytoplasm", "nucleus")

    def __init__(self) -> None:
        self.both = dict.fromkeys(self.PARTS, 0)
        self.either = dict.fromkeys(self.PARTS, 0)

    def add(self, found: NDArray[np.integer[Any]], wanted: NDArray[np.integer[Any]]) -> None:
        """Index maps [H, W] of 0, 1, 2."""
        pairs = {
            "cell": (found > 0, wanted > 0),
            "cytoplasm": (found == 1, wanted == 1),
            "nucleus": (found == 2, wanted == 2),
        }
        for part, (one, other) in pairs.items():
            self.both[part] += int((one & other).sum())
            self.either[part] += int((one | other).sum())

    def iou(self) -> dict[str, float | None]:
        """Intersection over union by part; None where neither has a pixel."""
        return {
            part: round(self.both[part] / self.either[part], 4) if self.either[part] else None
            for part in self.PARTS
        }
