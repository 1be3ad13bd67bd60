"""Figures as ratios of sums over images, so that each has an interval, alone and against the float model."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.gate.bounds import bounds_of_median_drop
from leukoscope.runtime.metrics.intervals import (
    Interval,
    Ratio,
    bootstrap,
    bootstrap_difference,
    count_groups,
    wilson,
)
from leukoscope.runtime.metrics.masks import REGIONS
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.report.contents import Difference
from leukoscope.runtime.report.counted import Votes

Figures = Mapping[str, tuple[Ratio, Sequence[str]]]
"""By name, the ratio and the groups of its images."""
COMPARED = ("accuracy", "balanced_accuracy", "f1_macro", "iou cell", "iou nucleus", "dice")


def ratios_of(
    observations: Sequence[Observation], votes: Votes, names: tuple[str, ...]
) -> dict[str, tuple[Ratio, Sequence[str]]]:
    """The figures of `validate --json` that are such ratios; those that have no images are not among them."""
    classes = _class_ratios(votes, names) if len(votes.truth) else {}
    found: dict[str, tuple[Ratio, Sequence[str]]] = {
        name: (ratio, votes.groups) for name, ratio in classes.items()
    }
    masked = [one for one in observations if one.overlap is not None]
    groups = tuple(one.sample.group for one in masked)
    found |= {name: (ratio, groups) for name, ratio in _mask_ratios(masked).items()}
    return {**found, **_map_ratios(observations)}


def intervals_of(figures: Figures) -> dict[str, Interval]:
    """95 % by group; a figure on fewer than two groups has none, nor has one that no draw changes.

    A bootstrap of images that were all right, or all wrong, has no width however few they are: of a share such as
    recall Wilson's interval stands instead, which takes images for independent (our choice).
    """
    found = {name: _interval(name, ratio, groups) for name, (ratio, groups) in figures.items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def differences_of(variant: Figures, reference: Figures) -> tuple[Difference, ...]:
    """Variant less float, of the figures that sum up a network."""
    return tuple(
        _difference(name, variant[name], reference[name]) for name in COMPARED if name in variant
    )


def of_agreement(observations: Sequence[Observation]) -> dict[str, Interval]:
    """The interval of `cam_agreement`, a median, when whole groups are drawn; none where it has no width."""
    values = np.array([one.rank_agreement for one in observations])
    ends = bounds_of_median_drop(values, [one.sample.group for one in observations]).interval
    found = None if ends is None else _wide(Interval(1 - ends[1], 1 - ends[0]))
    return {} if found is None else {"cam_agreement": found}


def _interval(name: str, ratio: Ratio, groups: Sequence[str]) -> Interval | None:
    drawn = _wide(bootstrap(ratio, groups))
    is_share = name == "accuracy" or name.startswith("recall ")
    if drawn is None and is_share and count_groups(ratio, groups) >= 2:
        return wilson(int(ratio.parts.sum()), int(ratio.wholes.sum()))
    return drawn


def _wide(interval: Interval | None) -> Interval | None:
    """None for an interval without width."""
    return None if interval is None or interval.low == interval.high else interval


def _difference(
    name: str, variant: tuple[Ratio, Sequence[str]], reference: tuple[Ratio, Sequence[str]]
) -> Difference:
    one, other = variant[0].value(), reference[0].value()
    value = None if one is None or other is None else one - other
    ends = bootstrap_difference(variant[0], reference[0], variant[1])
    return Difference(name, value, _wide(ends))


def _class_ratios(votes: Votes, names: tuple[str, ...]) -> dict[str, Ratio]:
    member = np.arange(len(names))
    truth = votes.truth[:, None] == member
    voted = votes.voted[:, None] == member
    hits = truth & voted
    named = truth.any(axis=0)
    found_twice, both = 2 * hits.astype(np.int64), truth.astype(np.int64) + voted
    ratios = {
        "accuracy": _ratio(hits.any(axis=1), np.ones(len(truth))),
        "balanced_accuracy": _ratio(hits[:, named], truth[:, named]),
        "f1_macro": _ratio(found_twice[:, named], both[:, named]),
    }
    for k in np.flatnonzero(named):
        ratios[f"recall {names[k]}"] = _ratio(hits[:, k], truth[:, k])
        ratios[f"f1 {names[k]}"] = _ratio(found_twice[:, k], both[:, k])
    return ratios


def _mask_ratios(masked: Sequence[Observation]) -> dict[str, Ratio]:
    overlaps = [one.overlap for one in masked if one.overlap is not None]
    if not overlaps:
        return {}
    shared = np.array([one.shared_px for one in overlaps])
    joint = np.array([one.joint_px for one in overlaps])
    ratios = {f"iou {name}": _ratio(shared[:, i], joint[:, i]) for i, name in enumerate(REGIONS)}
    ratios["dice"] = _ratio(2 * shared[:, 0], joint[:, 0] + shared[:, 0])
    by_image = np.divide(shared[:, 0], joint[:, 0], out=np.ones(len(shared)), where=joint[:, 0] > 0)
    return {**ratios, "iou_image_mean": _ratio(by_image, np.ones(len(shared)))}


def _map_ratios(observations: Sequence[Observation]) -> dict[str, tuple[Ratio, Sequence[str]]]:
    """Means of the maps' figures, each over the images that have it."""
    values: dict[str, Sequence[float | None]] = {
        "cam_top10_overlap": [one.top_overlap for one in observations],
        "cam_energy_on_cell": [one.energy_on_cell for one in observations],
        "cell_area_share": [one.cell_share for one in observations],
    }
    groups = [one.sample.group for one in observations]
    found: dict[str, tuple[Ratio, Sequence[str]]] = {}
    for name, all_values in values.items():
        known = [(v, g) for v, g in zip(all_values, groups, strict=True) if v is not None]
        if known:
            parts = np.array([value for value, _ in known])
            found[name] = (_ratio(parts, np.ones(len(parts))), tuple(group for _, group in known))
    return found


def _ratio(parts: NDArray[np.generic], wholes: NDArray[np.generic]) -> Ratio:
    return Ratio(parts.astype(np.float64), wholes.astype(np.float64))
