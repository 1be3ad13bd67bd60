"""Masks and Grad-CAM maps under the gate."""

from collections.abc import Sequence

import numpy as np

from leukoscope.runtime.gate.bounds import bounds_of_drop, bounds_of_median_drop
from leukoscope.runtime.gate.budgets import Budgets, images_needed
from leukoscope.runtime.gate.check import Check, Found, settle
from leukoscope.runtime.metrics.intervals import Ratio
from leukoscope.runtime.metrics.masks import REGIONS
from leukoscope.runtime.observation import Observation

JUDGED_REGIONS: tuple[str, ...] = ("cell", "nucleus")
Pairs = Sequence[tuple[Observation, Observation]]
"""(float, variant) of the same image."""


def check_masks(pairs: Pairs, budgets: Budgets, *, strict: bool) -> tuple[Check, ...]:
    """Pooled IoU of the cell and of the nucleus, over the images that have a mask; `n` has the region in its mask."""
    return tuple(
        _check_region(region, pairs, budgets.max_iou_drop, strict) for region in JUDGED_REGIONS
    )


def check_maps(pairs: Pairs, n_unlabelled: int, budgets: Budgets, *, strict: bool) -> Check:
    """The median agreement of the maps; the last `n_unlabelled` pairs are those without a label.

    Judged on all images, and on those of the labelled folders alone: easy fields cannot outvote them.
    """
    values = np.array([other.rank_agreement for _, other in pairs])
    groups = [one.sample.group for one, _ in pairs]
    own = values[: len(values) - n_unlabelled]
    medians = [float(np.median(part)) for part in (values, own) if len(part)]
    median = min(medians, default=None)
    bounds = bounds_of_median_drop(values, groups)
    drop = None if median is None else 1 - median
    budget = budgets.max_cam_drop
    found = Found(drop, drop, budget, len(values), bounds, "no image")
    outcome, reason = settle(found, strict=strict)
    return Check(
        name="cam_agreement",
        reference=None if median is None else 1.0,
        variant=median,
        drop=drop,
        budget=budget,
        n=len(values),
        needed=images_needed(budget),
        outcome=outcome,
        reason=reason,
        interval=bounds.interval,
        upper=bounds.upper,
        n_unlabelled=n_unlabelled,
        worst_drop=drop,
        groups=bounds.groups,
    )


def _check_region(region: str, pairs: Pairs, budget: float, strict: bool) -> Check:
    groups = [one.sample.group for one, _ in pairs]
    before = _ratio([one for one, _ in pairs], region)
    after = _ratio([other for _, other in pairs], region)
    reference, variant = before.value(), after.value()
    bounds = bounds_of_drop(before, after, groups)
    n = sum(_holds(one, region) for one, _ in pairs)
    drop = None if reference is None or variant is None else reference - variant
    found = Found(drop, drop, budget, n, bounds, f"no mask with a {region}")
    outcome, reason = settle(found, strict=strict)
    return Check(
        name=f"iou {region}",
        reference=reference,
        variant=variant,
        drop=drop,
        budget=budget,
        n=n,
        needed=images_needed(budget),
        outcome=outcome,
        reason=reason,
        interval=bounds.interval,
        upper=bounds.upper,
        worst_drop=drop,
        groups=bounds.groups,
    )


def _holds(one: Observation, region: str) -> bool:
    """Whether the image has a mask with the region in it."""
    return one.overlap is not None and one.overlap.truth_px[REGIONS.index(region)] > 0


def _ratio(observations: Sequence[Observation], region: str) -> Ratio:
    """Shared over joint pixels, image by image; an image without a mask counts nothing."""
    index = REGIONS.index(region)
    overlaps = [one.overlap for one in observations]
    shared = [0 if one is None else one.shared_px[index] for one in overlaps]
    joint = [0 if one is None else one.joint_px[index] for one in overlaps]
    return Ratio(np.array(shared, np.int64), np.array(joint, np.int64))
