"""The stage that lays the map of the voted class on the field: Grad-CAM, or what the trees decide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import to_inner
from leukoscope.images.opencv import cv2
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Evidence, Judged, Reading, Result, TreeMaps, Vote
from leukoscope.runtime.tree_map import MapTrees

EVIDENCE_RATIO_MIN = 1.0
"""A map that puts less of its energy on cells than an even map would is flagged `evidence_off_cells` (our choice)."""
TREES_SHOWN = 0.97
"""Share of the field whose values the colours of the trees' map tell apart (our choice)."""
SAMPLED_PX = 256


@dataclass(frozen=True)
class Explain:
    """XIncept-ALL's map of the voted stage; without XIncept-ALL, SG-CLDFF's map of its most probable class.

    With `map_trees` XIncept-ALL's map is the trees' instead of the head's Grad-CAM.
    """

    map_trees: MapTrees | None = None

    def __call__(self, judged: Judged) -> Result:
        """The field with its evidence."""
        evidence = self._evidence(judged)
        off_cells = evidence is not None and is_off_cells(evidence, judged.mask)
        return Result(
            judged.frame,
            judged.readings,
            judged.mask,
            judged.instances,
            judged.cells,
            judged.vote,
            (*judged.flags, *(("evidence_off_cells",) if off_cells else ())),
            evidence,
        )

    def _evidence(self, judged: Judged) -> Evidence | None:
        if judged.vote is not None:
            return self._of_vote(judged.readings[FIELD_NETWORK], judged.vote, judged.mask)
        whole = judged.readings.get(CELL_NETWORK)
        if whole is None:
            return None
        likeliest = whole.classes[int(whole.arrays["probabilities"].argmax())]
        return lay_on_field(whole, CELL_NETWORK, likeliest, judged.mask)

    def _of_vote(self, reading: Reading, vote: Vote, mask: NDArray[np.uint8] | None) -> Evidence:
        trees = None if self.map_trees is None else self.map_trees(reading)
        return lay_on_field(reading, FIELD_NETWORK, vote.stage, mask, trees)


def is_off_cells(evidence: Evidence, mask: NDArray[np.uint8] | None) -> bool:
    """Whether the evidence lies rather beside the cells than on them; False where there are none."""
    if mask is None or evidence.on_cells is None:
        return False
    return evidence.on_cells < EVIDENCE_RATIO_MIN * cv2.countNonZero(mask) / mask.size


def lay_on_field(
    reading: Reading,
    network: str,
    class_name: str,
    mask: NDArray[np.uint8] | None,
    trees: TreeMaps | None = None,
) -> Evidence:
    """The map of `class_name` on the field, Grad-CAM or that of `trees`; its heat is the map over `high`.

    Zero stays zero, so that an even map looks even (our choice; stretching it from its lowest value would not).
    Grad-CAM's `high` is its highest value. In the trees' map single places can outweigh all others: its `high` is
    the size that TREES_SHOWN of the field stays below, and what is beyond looks like it. Where it is negative
    it speaks against the class; its energy is its positive part.
    """
    maps = reading.arrays["cams"] if trees is None else trees.maps
    index = reading.classes.index(class_name)
    grid, placement = maps[index], reading.placement
    laid = to_inner(grid, placement)
    high = _high(laid, 1.0 if trees is None else TREES_SHOWN)
    on_cells = None if mask is None else _on_cells(np.maximum(laid, 0), mask)
    even_share = None if trees is None else float(trees.even_shares[index])
    return Evidence(network, class_name, grid, placement, high, on_cells, trees, even_share)


def _on_cells(energy: NDArray[np.float32], mask: NDArray[np.uint8]) -> float | None:
    """Share of the energy [h, w], at the network's resolution, that lies on the cells of `mask` [H, W]."""
    total = float(energy.sum())
    if total <= 0:
        return None
    size = (energy.shape[1], energy.shape[0])
    # A map is smooth over many pixels: it is enough to look at the middle of each of its own.
    sampled = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)
    return float(energy[sampled > 0].sum()) / total


def _high(laid: NDArray[np.float32], share: float) -> float:
    """The size that `share` of the map's values do not exceed; the greatest where that is zero."""
    sizes = np.abs(laid)
    if share == 1:
        return float(sizes.max())
    # An enlarged map is smooth: a coarse sample has its quantile, at a fraction of the time.
    step = max(1, max(sizes.shape) // SAMPLED_PX)
    sample = sizes[::step, ::step]
    return float(np.quantile(sample, share)) or float(sizes.max())
