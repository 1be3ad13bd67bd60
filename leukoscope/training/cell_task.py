"""What SG-CLDFF is trained on: pictures with masks, with types, or both; each trains the heads it can."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.network import Network
from leukoscope.training.augment import ColourJitter, augmented
from leukoscope.training.cell_scores import segmentation_scores, summary
from leukoscope.training.cell_views import Shown, draw_view
from leukoscope.training.loop import Batch, Losses
from leukoscope.training.losses import (
    allowed_classes,
    classification_loss,
    evidence_loss,
    mask_loss,
    saliency_loss,
)
from leukoscope.training.mixing import draw_shares
from leukoscope.training.outlines import outlined, with_outline
from leukoscope.training.pictures import Image, Picture

PAINTED_WATCHED = 15
OUTLINED_AT = (0.3, 0.55, 0.8)
"""Shares of a run at which the network outlines what nobody outlined."""
OTHER: tuple[int, ...] = (CELL_TYPES.index("other"),)


@dataclass(frozen=True)
class LossWeights:
    """Factors of the terms; masks have 1."""

    type: float = 0.8
    saliency: float = 0.2
    evidence: float = 0.2


@dataclass
class CellTask:
    """Pictures with masks, with types, or both; those without a mask may get one from the network itself."""

    fitted: list[Picture]
    held: Sequence[Picture]
    painted_held: Sequence[Picture]
    contract: Contract
    jitter: ColourJitter
    factors: LossWeights
    label_weights: dict[tuple[int, ...], float]
    balanced: bool = True
    auto_augment: bool = True
    outlines: bool = True
    drawn: dict[int, Image] = field(default_factory=dict)
    """Masks that the network drew, by row of `fitted`."""
    times_drawn: int = 0

    def prepare(self, done: float, network: Network) -> None:
        """Outlines anew the single cells that nobody outlined, when the run has come far enough."""
        due = sum(done >= when for when in OUTLINED_AT)
        if not self.outlines or due <= self.times_drawn:
            return
        rows = [row for row, one in enumerate(self.fitted) if _wants_outline(one)]
        found = outlined(network, [self.fitted[row] for row in rows], self.contract)
        self._take(self.drawn | {rows[index]: mask for index, mask in found.items()}, due)

    def state_dict(self) -> dict[str, Any]:
        packed = {row: torch.from_numpy(mask) for row, mask in self.drawn.items()}
        return {"drawn": packed, "times_drawn": self.times_drawn}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        drawn = {int(row): mask.numpy() for row, mask in state["drawn"].items()}
        self._take(drawn, int(state["times_drawn"]))

    def _take(self, drawn: dict[int, Image], times: int) -> None:
        self.drawn, self.times_drawn = drawn, times
        for row, mask in drawn.items():
            self.fitted[row] = with_outline(self.fitted[row], mask)

    def steps(self, batch: int) -> int:
        return max(1, len(self.fitted) // batch)

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[Batch]:
        rng = np.random.default_rng([seed, epoch])
        partners = [
            picture for picture in self.fitted if picture.mask is not None and picture.cells
        ]
        shares = draw_shares(self.fitted, balanced=self.balanced)
        for _ in range(self.steps(batch)):
            chosen = rng.choice(len(self.fitted), batch, p=shares)
            shown = [
                draw_view(self.fitted[index], partners, self.contract.input_px, rng)
                for index in chosen
            ]
            yield self._batch(shown, rng)

    def losses(self, outputs: dict[str, Tensor], batch: Batch) -> Losses:
        truth = batch.truth
        typed = classification_loss(outputs["logits"], truth["allowed"], truth["weights"])
        found = {
            "mask": mask_loss(outputs["mask_logits"], truth["masks"], truth["known"]),
            "type": self.factors.type * typed,
        }
        if self.factors.saliency and outputs["saliency"].requires_grad:
            aligned = saliency_loss(outputs["saliency"], truth["masks"], truth["known"])
            found["saliency"] = self.factors.saliency * aligned
        if self.factors.evidence:
            off = evidence_loss(outputs["class_maps"], outputs["logits"], truth)
            found["evidence"] = self.factors.evidence * off
        return found

    def watch(self, network: Network) -> dict[str, float]:
        figures = summary(segmentation_scores(network, self.held, self.contract))
        if self.painted_held:
            painted = summary(
                segmentation_scores(network, self.painted_held[:PAINTED_WATCHED], self.contract)
            )
            figures |= {f"painted {name}": value for name, value in painted.items()}
        scores = [figures[name] for name in ("iou", "types") if name in figures]
        return {"score": float(np.mean(scores)) if scores else 0.0, **figures}

    def _batch(self, shown: Sequence[Shown], rng: np.random.Generator) -> Batch:
        side = self.contract.input_px
        none = np.zeros((side, side), np.uint8)
        masks = [none if one.sample.mask is None else one.sample.mask for one in shown]
        # What is not a white cell has no white cell in its picture: an empty mask, though nobody drew it.
        known = [one.sample.mask is not None or one.target == OTHER for one in shown]
        targets = [one.target for one in shown]
        truth = {
            "masks": torch.from_numpy(np.stack(masks)).long(),
            "known": torch.tensor(known),
            "allowed": allowed_classes(targets, len(CELL_TYPES)),
            "weights": torch.tensor([self.label_weights.get(target, 1.0) for target in targets]),
        }
        samples = [one.sample for one in shown]
        return Batch(augmented(samples, self.jitter, rng, auto=self.auto_augment), truth)


def _wants_outline(picture: Picture) -> bool:
    """Single white cells that nobody outlined. What is no white cell has none."""
    return (picture.mask is None or not picture.drawn) and picture.target not in ((), OTHER)
