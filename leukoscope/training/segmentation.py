"""`train segmentation`: SG-CLDFF on mask sets and class sets together; each image trains the heads it can."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint, load_strictly
from leukoscope.models.lite_weights import load_lite_weights
from leukoscope.models.network import Network
from leukoscope.models.sg_cldff import SgCldff
from leukoscope.models.sizes import build_network
from leukoscope.progress import Progress
from leukoscope.training.augment import ColourJitter, augmented
from leukoscope.training.cell_scores import fit_type_temperature, segmentation_scores, summary
from leukoscope.training.cell_views import DIAMETER_SQUARE_PX, DIAMETERS_PX, Shown, draw_view
from leukoscope.training.loop import Batch, Losses, fit
from leukoscope.training.losses import (
    allowed_classes,
    classification_loss,
    effective_number_weights,
    evidence_loss,
    mask_loss,
    saliency_loss,
)
from leukoscope.training.mixing import draw_shares
from leukoscope.training.outlines import outlined, with_outline
from leukoscope.training.painted import HELD_SEED, painted_cells
from leukoscope.training.parts import SEGMENTATION_SHARES, Division, load_parts
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.run import Order, header_of, saved_run, write_result

NAME = "sg_cldff"
PAINTED_HELD = 60
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


@dataclass(frozen=True)
class SegmentationOrder(Order):
    """What `train segmentation` was asked for."""

    losses: LossWeights = field(default_factory=LossWeights)
    weights: Path | None = None
    """A checkpoint of ours, of the same settings, to begin from."""
    lite_weights: Path | None = None
    """ImageNet weights of EfficientNet-Lite for the convolution stages."""
    outlines: bool = True
    """Whether the network outlines single-cell images that have no mask."""


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


def train_segmentation(order: SegmentationOrder, progress: Progress) -> CheckpointHeader:
    """Trains SG-CLDFF as ordered, measures it on the held part and writes the checkpoint.

    Raises InputError for data, weights or settings that cannot be used.
    """
    division = Division(SEGMENTATION_SHARES, order.recipe.seed)
    parts = load_parts(order.folders(NAME), NAME, CELL_TYPES, division, progress)
    fitted, held = parts.pictures["fit"], parts.pictures["held"]
    network, pretrained = _network(order, held)
    contract = Contract(network.input_px, white_cell_px=usual_diameters(fitted, network.input_px))
    painted = painted_cells(order.painted, 0, progress)
    painted_held = painted_cells(PAINTED_HELD if painted else 0, HELD_SEED, progress)
    targets = [picture.target for picture in fitted]
    weights = effective_number_weights(targets) if order.balanced else {}
    header = header_of(
        order,
        network,
        parts.account,
        weights,
        losses=vars(order.losses),
        weights=order.weights.name if order.weights else None,
        lite_weights=order.lite_weights.name if order.lite_weights else None,
        outlines=order.outlines,
    )
    header = replace(header, contract=contract.to_json())
    task = CellTask(
        [*fitted, *painted],
        held,
        painted_held,
        contract,
        order.jitter,
        order.losses,
        weights,
        order.balanced,
        order.auto_augment,
        order.outlines,
    )
    saved = saved_run(order, header)
    trained, history = fit(network, task, order.recipe, saved, progress, pretrained)
    temperature = fit_type_temperature(trained, held, contract)
    metrics: dict[str, Any] = {"held": segmentation_scores(trained, held, contract)}
    if painted_held:
        metrics["painted"] = segmentation_scores(trained, painted_held, contract)
    metrics |= {"temperature": temperature, "epochs": history}
    return write_result(order, trained, header, metrics)


def usual_diameters(pictures: Sequence[Picture], input_px: int) -> tuple[int, int, int] | None:
    """Least, usual and greatest diameter of white cells in the network's square: the range that training covers, and
    the median of the drawn masks as the contract places them. None where there are no masks.
    """
    shown = [
        cell.diameter_px * input_px / max(picture.size_px)
        for picture in pictures
        if picture.mask is not None
        for cell in picture.cells
    ]
    if not shown:
        return None
    least, greatest = (round(px * input_px / DIAMETER_SQUARE_PX) for px in DIAMETERS_PX)
    return least, min(max(round(float(np.median(shown))), least), greatest), greatest


def _wants_outline(picture: Picture) -> bool:
    """Single white cells that nobody outlined. What is no white cell has none."""
    return (picture.mask is None or not picture.drawn) and picture.target not in ((), OTHER)


def _network(order: SegmentationOrder, held: Sequence[Picture]) -> tuple[SgCldff, frozenset[str]]:
    """The network before training, and the names of what it was given from ImageNet."""
    torch.manual_seed(order.recipe.seed)
    network = build_network(NAME, order.size, **{"input_px": order.input_px, **order.changes})
    assert isinstance(network, SgCldff)
    if order.lite_weights is not None:
        return network, load_lite_weights(network, order.lite_weights)
    if order.weights is not None:
        other, header = load_checkpoint(order.weights)
        load_strictly(network, other.state_dict(), str(order.weights))
        _check_unseen(header, held, order.weights)
    return network, frozenset()


def _check_unseen(header: CheckpointHeader, held: Sequence[Picture], weights: Path) -> None:
    """Raises InputError where an image that is held out now was fitted on then."""
    fitted = {
        digest for group in header.data.get("parts", {}).get("fit", {}).values() for digest in group
    }
    if seen := sum(picture.sha256 in fitted for picture in held):
        raise InputError(
            f"{weights} was fitted on {seen} of the {len(held)} images that this run holds out",
            wanted="the same --data and --seed as those weights had",
        )
