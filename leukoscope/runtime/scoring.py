"""From observations to the figures of `validate --json`, schema 1."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from leukoscope.runtime.metrics.classification import score_classes
from leukoscope.runtime.metrics.masks import score_masks
from leukoscope.runtime.metrics.targets import Targets
from leukoscope.runtime.observation import Observation


def score(
    observations: Sequence[Observation], targets: Targets, classes: tuple[str, ...]
) -> dict[str, Any]:
    """Figures of one variant; fractions 0 to 1, None where undefined.

    Images that the label map leaves out are no part of `n` and of the class figures; their masks and maps count.
    """
    return {
        "n": sum(not one.sample.excluded for one in observations),
        **_class_figures(observations, targets, classes),
        **_mask_figures(observations),
        **_map_figures(observations),
    }


def _class_figures(
    observations: Sequence[Observation], targets: Targets, classes: tuple[str, ...]
) -> dict[str, Any]:
    labelled = [(one, one.sample.target) for one in observations if one.sample.target is not None]
    truth = np.array([targets.index(classes, target) for _, target in labelled], np.intp)
    rows = np.array([one.probabilities for one, _ in labelled]).reshape(-1, len(classes))
    figures = score_classes(truth, targets.summed(rows), targets.names)
    return {**asdict(figures), "n_labelled": len(labelled)}


def _mask_figures(observations: Sequence[Observation]) -> dict[str, Any]:
    overlaps = [one.overlap for one in observations if one.overlap is not None]
    return {**asdict(score_masks(overlaps)), "n_masks": len(overlaps)}


def _map_figures(observations: Sequence[Observation]) -> dict[str, Any]:
    """Agreement is a median, the others are means; energy and area share are over the same images."""
    on_cell = [one.energy_on_cell for one in observations if one.energy_on_cell is not None]
    share = [one.cell_share for one in observations if one.cell_share is not None]
    return {
        "cam_agreement": _median([one.rank_agreement for one in observations]),
        "cam_top10_overlap": _mean([one.top_overlap for one in observations]),
        "cam_energy_on_cell": _mean(on_cell),
        "cell_area_share": _mean(share),
        "flips": sum(one.flipped for one in observations),
    }


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
