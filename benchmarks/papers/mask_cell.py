"""A cell of the task `masks`: train on mask and type sets, measure masks, types and evidence by set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.papers.budget import Budget
from benchmarks.papers.evidence import energy_on_cells
from benchmarks.papers.f1 import with_f1
from benchmarks.papers.variants import Variant
from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.network import Network
from leukoscope.training.augment import ColourJitter
from leukoscope.training.cell_scores import segmentation_scores
from leukoscope.training.cell_task import CellTask
from leukoscope.training.losses import effective_number_weights
from leukoscope.training.pictures import Picture

Parts = Mapping[str, Sequence[Picture]]


@dataclass
class BoundedCells(CellTask):
    """SG-CLDFF's task with a fixed number of steps a round. Nothing is watched or kept between rounds."""

    steps_a_round: int = 1

    def steps(self, batch: int) -> int:
        return self.steps_a_round

    def watch(self, network: Network) -> dict[str, float]:
        return {"score": 0.0}

    def state_dict(self) -> dict[str, Any]:
        """Empty: a killed cell starts anew, and the outlines it drew are a hundred megabytes."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing."""


def task(parts: Parts, variant: Variant, budget: Budget) -> BoundedCells:
    """What the network is trained on."""
    fitted = list(parts["fit"])
    weights = effective_number_weights([one.target for one in fitted]) if variant.balanced else {}
    return BoundedCells(
        fitted=fitted,
        held=[],
        painted_held=[],
        contract=Contract(budget.input_px),
        jitter=ColourJitter().scaled(variant.jitter),
        factors=variant.losses,
        label_weights=weights,
        balanced=variant.balanced,
        auto_augment=variant.auto_augment,
        outlines=variant.outlines,
        steps_a_round=budget.steps,
    )


def figures(network: Network, parts: Parts, budget: Budget) -> dict[str, Any]:
    """{"sets": {SET: {"iou", "dice", "types", "evidence"}}}; a set lacks what it has no truth for."""
    contract = Contract(budget.input_px)
    found = segmentation_scores(network, parts["held"], contract)
    for name, scores in found.items():
        members = [one for one in parts["held"] if one.origin == name]
        scores["images"] = len(members)
        if "iou" in scores:
            scores["dice"] = {part: dice_of(iou) for part, iou in scores["iou"].items()}
        if scores.get("types"):
            scores["types"] = with_f1(scores["types"])
        if evidence := energy_on_cells(network, members, contract):
            scores["evidence"] = evidence
    return {"sets": found, "classes": list(CELL_TYPES)}


def dice_of(iou: float | None) -> float | None:
    """Dice of the same pooled pixels: 2 I / (I + U) = 2 J / (1 + J)."""
    return None if iou is None else round(2 * iou / (1 + iou), 4)
