"""`train segmentation`: SG-CLDFF on mask sets and class sets together; each image trains the heads it can."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint, save_checkpoint
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network
from leukoscope.progress import Progress
from leukoscope.training.augment import ColourJitter, jitter_colour, jitter_texture
from leukoscope.training.cell_scores import fit_type_temperature, segmentation_scores, summary
from leukoscope.training.cell_views import DIAMETERS_PX, Shown, draw_view
from leukoscope.training.loop import Batch, Losses, fit
from leukoscope.training.losses import (
    allowed_classes,
    classification_loss,
    effective_number_weights,
    mask_loss,
    saliency_loss,
)
from leukoscope.training.painted import HELD_SEED, ORIGIN, painted_cells
from leukoscope.training.parts import SEGMENTATION_SHARES, Division, load_parts
from leukoscope.training.pictures import Picture
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import forget_state, state_path

NAME = "sg_cldff"
PAINTED_HELD = 60
OTHER: tuple[int, ...] = (CELL_TYPES.index("other"),)
KIND_SHARES = {"masks": 0.5, "classes": 0.3, "painted": 0.2}
"""How much of an epoch each kind of picture fills, whatever their numbers."""


@dataclass(frozen=True)
class LossWeights:
    """Factors of the terms; masks have 1."""

    type: float = 0.6
    saliency: float = 0.2


@dataclass(frozen=True)
class SegmentationOrder:
    """What `train segmentation` was asked for."""

    data: tuple[Path, ...]
    output: Path
    size: str = "small"
    input_px: int = 224
    painted: int = 0
    recipe: Recipe = field(default_factory=Recipe)
    jitter: ColourJitter = field(default_factory=ColourJitter)
    losses: LossWeights = field(default_factory=LossWeights)
    weights: Path | None = None
    """A checkpoint of ours to begin from."""
    resume: bool = False


@dataclass(frozen=True)
class CellTask:
    """Pictures with masks, with types, or both."""

    fitted: Sequence[Picture]
    held: Sequence[Picture]
    painted_held: Sequence[Picture]
    contract: Contract
    jitter: ColourJitter
    factors: LossWeights
    label_weights: dict[tuple[int, ...], float]

    def steps(self, batch: int) -> int:
        return max(1, len(self.fitted) // batch)

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[Batch]:
        rng = np.random.default_rng([seed, epoch])
        partners = [
            picture for picture in self.fitted if picture.mask is not None and picture.cells
        ]
        shares = draw_shares(self.fitted)
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
        if outputs["saliency"].requires_grad:
            aligned = saliency_loss(outputs["saliency"], truth["masks"], truth["known"])
            found["saliency"] = self.factors.saliency * aligned
        return found

    def watch(self, network: Network) -> dict[str, float]:
        figures = summary(segmentation_scores(network, self.held, self.contract))
        if self.painted_held:
            painted = summary(segmentation_scores(network, self.painted_held[:15], self.contract))
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
        images = torch.from_numpy(np.stack([one.sample.image for one in shown]))
        inside = torch.from_numpy(np.stack([one.sample.inside for one in shown]))[:, None].float()
        images = images.permute(0, 3, 1, 2).float() / 255
        return Batch(jitter_texture(jitter_colour(images, inside, self.jitter, rng), rng), truth)


def train_segmentation(order: SegmentationOrder, progress: Progress) -> CheckpointHeader:
    """Trains SG-CLDFF as ordered, measures it on the held part and writes the checkpoint.

    Raises InputError for data, weights or settings that cannot be used.
    """
    recipe = order.recipe
    division = Division(SEGMENTATION_SHARES, recipe.seed)
    parts = load_parts(order.data, NAME, CELL_TYPES, division, progress)
    painted = painted_cells(order.painted, 0, progress)
    painted_held = painted_cells(PAINTED_HELD if painted else 0, HELD_SEED, progress)
    torch.manual_seed(recipe.seed)
    network = build_network(NAME, order.size, input_px=order.input_px)
    if order.weights is not None:
        network.load_state_dict(load_checkpoint(order.weights)[0].state_dict())
    contract = Contract(network.input_px)
    fitted = [*parts.pictures["fit"], *painted]
    weights = effective_number_weights([p.target for p in parts.pictures["fit"]])
    task = CellTask(
        fitted, parts.pictures["held"], painted_held, contract, order.jitter, order.losses, weights
    )
    state = state_path(order.output)
    network, history = fit(
        network, task, recipe, state=state, resume=order.resume, progress=progress
    )
    temperature = fit_type_temperature(network, parts.pictures["held"], contract)
    metrics: dict[str, Any] = {
        "held": segmentation_scores(network, parts.pictures["held"], contract),
        "temperature": temperature,
        "epochs": history,
    }
    if painted_held:
        metrics["painted"] = segmentation_scores(network, painted_held, contract)
    header = CheckpointHeader(
        network=NAME,
        size=order.size,
        settings=network.settings(),
        classes=network.classes,
        contract=contract.to_json(),
        training=_settings(order, weights),
        data=parts.account,
        metrics=metrics,
    )
    save_checkpoint(order.output, network, header)
    forget_state(state)
    return header


def draw_shares(pictures: Sequence[Picture]) -> NDArray[np.float64]:
    """Probability of each picture to be drawn: KIND_SHARES by kind, within a kind every data folder alike by the root of its size."""
    kinds = [_kind(picture) for picture in pictures]
    sizes: dict[tuple[str, str], int] = {}
    for picture, kind in zip(pictures, kinds, strict=True):
        sizes[kind, picture.origin] = sizes.get((kind, picture.origin), 0) + 1
    totals: dict[str, float] = {}
    for (kind, _), size in sizes.items():
        totals[kind] = totals.get(kind, 0.0) + size**0.5
    shares = [
        KIND_SHARES[kind] / totals[kind] / sizes[kind, picture.origin] ** 0.5
        for picture, kind in zip(pictures, kinds, strict=True)
    ]
    total = sum(shares)
    return np.array([share / total for share in shares])


def _kind(picture: Picture) -> str:
    if picture.origin == ORIGIN:
        return "painted"
    return "classes" if picture.mask is None else "masks"


def _settings(order: SegmentationOrder, weights: dict[tuple[int, ...], float]) -> dict[str, Any]:
    names = {"+".join(CELL_TYPES[i] for i in target): w for target, w in weights.items()}
    return {
        "recipe": order.recipe.to_json(),
        "jitter": vars(order.jitter),
        "losses": vars(order.losses),
        "painted": order.painted,
        "weights": order.weights.name if order.weights else None,
        "class_weights": {name: round(value, 4) for name, value in names.items()},
        "white_cell_px_at_224": list(DIAMETERS_PX),
        "torch": torch.__version__,
    }
