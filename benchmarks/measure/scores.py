"""Figures with their intervals, as JSON values, from judged rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.metrics.classification import calibration_error
from leukoscope.runtime.metrics.intervals import (
    Interval,
    Ratio,
    bootstrap,
    bootstrap_difference,
    count_groups,
    wilson,
)
from leukoscope.runtime.metrics.masks import REGIONS
from leukoscope.runtime.metrics.targets import Targets
from measure.judge import Row

DIGITS = 4
Json = dict[str, Any]


def share(hits: Sequence[bool], groups: Sequence[str]) -> Json | None:
    """A share of images with both intervals; None without images."""
    if not hits:
        return None
    counted = np.array(hits, float)
    found = figure(Ratio(counted, np.ones_like(counted)), groups)
    return {**found, "n": len(hits), "wilson": _ends(wilson(sum(hits), len(hits)))}


def mean(values: Sequence[float], groups: Sequence[str]) -> Json | None:
    """A mean over images with its interval by group; None without images."""
    if not values:
        return None
    return {**figure(Ratio(np.array(values), np.ones(len(values))), groups), "n": len(values)}


def figure(ratio: Ratio, groups: Sequence[str]) -> Json:
    """Value, bootstrap interval by group and by image, and how many groups count."""
    images = [str(index) for index in range(len(groups))]
    return {
        "value": rounded(ratio.value()),
        "by_group": _ends(bootstrap(ratio, groups)),
        "groups": count_groups(ratio, groups),
        "by_image": _ends(bootstrap(ratio, images)),
    }


def difference(one: Sequence[float], other: Sequence[float], groups: Sequence[str]) -> Json:
    """Mean of `one` less `other`, image by image, with its interval by group."""
    ones = np.ones(len(one))
    pair = Ratio(np.array(one), ones), Ratio(np.array(other), ones)
    value = float(np.mean(one) - np.mean(other))
    return {"value": rounded(value), "by_group": _ends(bootstrap_difference(*pair, groups))}


def labelled(rows: Sequence[Row]) -> list[Row]:
    """The rows that have one label that counts."""
    return [row for row in rows if row.target is not None]


def votes(rows: Sequence[Row], voter: str, targets: Targets) -> NDArray[np.intp]:
    """The vote of each row, an index into `targets.names`."""
    summed = targets.summed(np.array([row.votes[voter] for row in rows]))
    return summed.argmax(1)


def truth(rows: Sequence[Row], targets: Targets, classes: tuple[str, ...]) -> NDArray[np.intp]:
    """The right answer of each labelled row, an index into `targets.names`."""
    return np.array([targets.index(classes, row.target or ()) for row in rows], np.intp)


def accuracy(
    rows: Sequence[Row], voter: str, targets: Targets, classes: tuple[str, ...]
) -> Json | None:
    """Of the labelled rows; None without any."""
    known = labelled(rows)
    if not known:
        return None
    hits = votes(known, voter, targets) == truth(known, targets, classes)
    return share(hits.tolist(), [row.group for row in known])


def class_figures(
    rows: Sequence[Row], voter: str, targets: Targets, classes: tuple[str, ...]
) -> Json | None:
    """Accuracy, balanced accuracy, recall by class, calibration error and confusion; None without labels."""
    known = labelled(rows)
    if not known:
        return None
    groups = [row.group for row in known]
    right, voted = truth(known, targets, classes), votes(known, voter, targets)
    one_hot = right[:, None] == np.arange(len(targets.names))
    hits = one_hot & (right == voted)[:, None]
    recall = {
        name: share((voted[right == k] == k).tolist(), _of(groups, right == k))
        for k, name in enumerate(targets.names)
        if (right == k).any()
    }
    summed = targets.summed(np.array([row.votes[voter] for row in known]))
    return {
        "accuracy": share((right == voted).tolist(), groups),
        "balanced_accuracy": figure(Ratio(hits.astype(float), one_hot.astype(float)), groups),
        "recall": recall,
        "ece": rounded(calibration_error(right, summed)),
        "confusion": confusion(right, voted, targets.names),
    }


def confusion(
    right: NDArray[np.intp], voted: NDArray[np.intp], names: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Votes by class, for each class that a label names."""
    return {
        names[k]: {
            names[j]: int(((right == k) & (voted == j)).sum())
            for j in range(len(names))
            if ((right == k) & (voted == j)).any()
        }
        for k in range(len(names))
        if (right == k).any()
    }


def mask_figures(rows: Sequence[Row]) -> Json | None:
    """IoU of cell, cytoplasm and nucleus, pooled over pixels; None without masks."""
    known = [(row.group, row.overlap) for row in rows if row.overlap is not None]
    if not known:
        return None
    groups = [group for group, _ in known]
    found: Json = {"n": len(known)}
    for k, region in enumerate(REGIONS):
        shared = np.array([one.shared_px[k] for _, one in known], float)
        joint = np.array([one.joint_px[k] for _, one in known], float)
        found[region] = figure(Ratio(shared, joint), groups)
    return found


def rounded(value: float | None) -> float | None:
    """To DIGITS decimals."""
    return None if value is None else round(float(value), DIGITS)


def _of(groups: Sequence[str], where: NDArray[np.bool_]) -> list[str]:
    return [group for group, here in zip(groups, where, strict=True) if here]


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low, DIGITS), round(interval.high, DIGITS)]
