"""`train fusion`: XIncept-ALL on fields with a stage each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import CheckpointHeader
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network
from leukoscope.models.timm_weights import load_timm_weights
from leukoscope.models.xincept_all import XInceptAll
from leukoscope.progress import Progress
from leukoscope.training.augment import ColourJitter, augmented
from leukoscope.training.baselines import colour_baselines
from leukoscope.training.loop import Batch, Losses, PlainTask, fit
from leukoscope.training.losses import (
    Target,
    allowed_classes,
    balanced_draws,
    classification_loss,
    drawn_weights,
)
from leukoscope.training.painted import HELD_SEED, painted_stages
from leukoscope.training.parts import FUSION_SHARES, Division, load_parts
from leukoscope.training.pictures import Picture
from leukoscope.training.predict import probabilities_of
from leukoscope.training.run import Order, header_of, saved_run, write_result
from leukoscope.training.stage_scores import fit_stage_temperature, shifted_accuracy, stage_scores
from leukoscope.training.stage_views import stage_view

NAME = "xincept_all"
PAINTED_HELD = 80


@dataclass(frozen=True)
class FusionOrder(Order):
    """What `train fusion` was asked for."""

    input_px: int = 299
    weights: dict[str, Path] = field(default_factory=dict)
    """Local timm files by trunk: `inception`, `xception`."""


@dataclass(frozen=True)
class StageTask(PlainTask):
    """Fields and their stages, seen under turned, scaled and restained views."""

    fitted: Sequence[Picture]
    watched: Mapping[str, Sequence[Picture]]
    """Sets whose accuracy is shown after each epoch; the first decides early stopping."""
    contract: Contract
    jitter: ColourJitter
    label_weights: dict[tuple[int, ...], float]
    draws: Sequence[float] | None
    """Probability of each fitted picture to be drawn; None: each once an epoch."""
    auto_augment: bool = True

    def steps(self, batch: int) -> int:
        return max(1, len(self.fitted) // batch)

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[Batch]:
        rng = np.random.default_rng([seed, epoch])
        count = len(self.fitted)
        order = rng.permutation(count)
        if self.draws is not None:
            order = rng.choice(count, count, p=self.draws)
        for step in range(self.steps(batch)):
            chosen = [self.fitted[index] for index in order[step * batch : (step + 1) * batch]]
            yield self._batch(chosen, rng)

    def losses(self, outputs: dict[str, Tensor], batch: Batch) -> Losses:
        truth = batch.truth
        loss = classification_loss(outputs["logits"], truth["allowed"], truth["weights"])
        return {"stage": loss}

    def watch(self, network: Network) -> dict[str, float]:
        found = {
            name: float(stage_scores(network, pictures, self.contract)["accuracy"])
            for name, pictures in self.watched.items()
        }
        return {"score": next(iter(found.values())), **found}

    def _batch(self, chosen: Sequence[Picture], rng: np.random.Generator) -> Batch:
        samples = [stage_view(picture, self.contract.input_px, rng) for picture in chosen]
        targets = [picture.target for picture in chosen]
        weights = [self.label_weights.get(target, 1.0) for target in targets]
        truth = {
            "allowed": allowed_classes(targets, len(STAGES)),
            "weights": torch.tensor(weights),
        }
        return Batch(augmented(samples, self.jitter, rng, auto=self.auto_augment), truth)


def train_fusion(order: FusionOrder, progress: Progress) -> CheckpointHeader:
    """Trains XIncept-ALL as ordered, measures it on the held part and writes the checkpoint.

    Raises InputError for data, weights or settings that cannot be used.
    """
    network = _network(order)
    contract = Contract(network.input_px)
    division = Division(FUSION_SHARES, order.recipe.seed)
    parts = load_parts(order.folders(NAME), NAME, STAGES, division, progress)
    fitted = [picture for picture in parts.pictures["fit"] if picture.target]
    _check_count(len(fitted), order)
    painted = painted_stages(order.painted, 0, progress)
    shown = {"trees": parts.pictures["trees"], "held": parts.pictures["held"]}
    if painted:
        shown["painted"] = painted_stages(PAINTED_HELD, HELD_SEED, progress)
    learnt = [*fitted, *painted]
    draws, weights = balance([picture.target for picture in learnt], order.balanced)
    files = {trunk: path.name for trunk, path in order.weights.items()}
    header = header_of(order, network, parts.account, weights, weights=files)
    task = StageTask(learnt, shown, contract, order.jitter, weights, draws, order.auto_augment)
    network, history = fit(network, task, order.recipe, saved_run(order, header), progress)
    temperature = fit_stage_temperature(network, shown["trees"], contract)
    metrics: dict[str, Any] = {
        name: stage_scores(network, pictures, contract) for name, pictures in shown.items()
    }
    metrics |= {
        "held_shifted": shifted_accuracy(
            partial(probabilities_of, network), shown["held"], contract, STAGES
        ),
        "baselines_held": colour_baselines(fitted, shown["held"]),
        "temperature": temperature,
        "epochs": history,
    }
    return write_result(order, network, header, metrics)


def balance(
    targets: Sequence[Target], balanced: bool
) -> tuple[list[float] | None, dict[Target, float]]:
    """How often each image is drawn, and what each label weighs; neither where it is switched off."""
    if not balanced:
        return None, {}
    draws = balanced_draws(targets)
    return draws, drawn_weights(targets, draws)


def _check_count(fitted: int, order: FusionOrder) -> None:
    if fitted + order.painted < order.recipe.batch:
        raise InputError(
            f"{fitted} images with a stage to fit on",
            wanted=f"at least a batch, {order.recipe.batch}",
            next_step="give more --data, or a smaller --batch",
        )


def _network(order: FusionOrder) -> Network:
    torch.manual_seed(order.recipe.seed)
    network = build_network(NAME, order.size, **{"input_px": order.input_px, **order.changes})
    if order.weights and isinstance(network, XInceptAll):
        load_timm_weights(network, order.weights.get("inception"), order.weights.get("xception"))
    return network
