"""`train fusion`: XIncept-ALL on fields with a stage each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import CheckpointHeader, save_checkpoint
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network
from leukoscope.models.timm_weights import load_timm_weights
from leukoscope.models.xincept_all import XInceptAll
from leukoscope.progress import Progress
from leukoscope.training.augment import ColourJitter, jitter_colour, jitter_texture
from leukoscope.training.baselines import colour_baselines
from leukoscope.training.loop import Batch, Losses, fit
from leukoscope.training.losses import (
    allowed_classes,
    classification_loss,
    effective_number_weights,
)
from leukoscope.training.painted import HELD_SEED, painted_stages
from leukoscope.training.parts import FUSION_SHARES, Division, load_parts
from leukoscope.training.pictures import Picture
from leukoscope.training.predict import outputs, probabilities_of, squares
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import forget_state, state_path
from leukoscope.training.scores import classification_scores
from leukoscope.training.temperature import fit_temperature
from leukoscope.training.views import Sample, take, whole

NAME = "xincept_all"
PAINTED_HELD = 80


@dataclass(frozen=True)
class FusionOrder:
    """What `train fusion` was asked for."""

    data: tuple[Path, ...]
    output: Path
    size: str = "small"
    input_px: int = 299
    painted: int = 0
    recipe: Recipe = field(default_factory=Recipe)
    jitter: ColourJitter = field(default_factory=ColourJitter)
    weights: dict[str, Path] = field(default_factory=dict)
    """Local timm files by trunk: `inception`, `xception`."""
    resume: bool = False


@dataclass(frozen=True)
class StageTask:
    """Fields and their stages, seen under turned, scaled and restained views."""

    fitted: Sequence[Picture]
    watched: Mapping[str, Sequence[Picture]]
    """Sets whose accuracy is shown after each epoch; the first decides early stopping."""
    contract: Contract
    jitter: ColourJitter
    label_weights: dict[tuple[int, ...], float]

    def steps(self, batch: int) -> int:
        return max(1, len(self.fitted) // batch)

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[Batch]:
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(len(self.fitted))
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
        samples = [augmented_field(picture, self.contract.input_px, rng) for picture in chosen]
        targets = [picture.target for picture in chosen]
        weights = [self.label_weights.get(target, 1.0) for target in targets]
        truth = {
            "allowed": allowed_classes(targets, len(STAGES)),
            "weights": torch.tensor(weights),
        }
        return Batch(augmented_batch(samples, self.jitter, rng), truth)


def train_fusion(order: FusionOrder, progress: Progress) -> CheckpointHeader:
    """Trains XIncept-ALL as ordered, measures it on the held part and writes the checkpoint.

    Raises InputError for data, weights or settings that cannot be used.
    """
    recipe = order.recipe
    division = Division(FUSION_SHARES, recipe.seed)
    parts = load_parts(order.data, NAME, STAGES, division, progress)
    fitted = [picture for picture in parts.pictures["fit"] if picture.target]
    painted = painted_stages(order.painted, 0, progress)
    torch.manual_seed(recipe.seed)
    network = build_network(NAME, order.size, input_px=order.input_px)
    if order.weights and isinstance(network, XInceptAll):
        load_timm_weights(network, order.weights.get("inception"), order.weights.get("xception"))
    contract = Contract(network.input_px)
    shown = {"trees": parts.pictures["trees"], "held": parts.pictures["held"]}
    if painted:
        shown["painted"] = painted_stages(PAINTED_HELD, HELD_SEED, progress)
    weights = effective_number_weights([picture.target for picture in fitted])
    task = StageTask([*fitted, *painted], shown, contract, order.jitter, weights)
    state = state_path(order.output)
    network, history = fit(
        network, task, recipe, state=state, resume=order.resume, progress=progress
    )
    temperature = _set_temperature(network, parts.pictures["trees"], contract)
    metrics: dict[str, Any] = {
        name: stage_scores(network, pictures, contract) for name, pictures in shown.items()
    }
    metrics |= {
        "temperature": temperature,
        "baselines_held": colour_baselines(fitted, parts.pictures["held"]),
        "epochs": history,
    }
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


def augmented_field(picture: Picture, side_px: int, rng: np.random.Generator) -> Sample:
    """A field turned, mirrored, shifted, scaled and mildly stretched, its corners sometimes covered."""
    view = whole(picture)
    width, height = picture.size_px
    centre = (
        view.centre_px[0] + width * rng.uniform(-0.08, 0.08),
        view.centre_px[1] + height * rng.uniform(-0.08, 0.08),
    )
    turn = rng.integers(4) * np.pi / 2 + (rng.normal(0, 0.25) if rng.random() < 0.6 else 0.0)
    view = replace(
        view,
        centre_px=centre,
        side_px=view.side_px * float(np.exp(rng.uniform(np.log(0.7), np.log(1.12)))),
        turn=float(turn),
        stretch=float(np.exp(rng.normal(0, 0.07))),
        mirrored=bool(rng.random() < 0.5),
        reflected=bool(rng.random() < 0.7),
    )
    sample = take(_corners_covered(picture, rng), view, side_px)
    return _letterboxed(sample, rng) if rng.random() < 0.2 else sample


def augmented_batch(
    samples: Sequence[Sample], jitter: ColourJitter, rng: np.random.Generator
) -> Tensor:
    """Images [B, 3, S, S] in 0..1, restained; padding stays white."""
    images = torch.from_numpy(np.stack([sample.image for sample in samples]))
    inside = torch.from_numpy(np.stack([sample.inside for sample in samples]))[:, None].float()
    images = images.permute(0, 3, 1, 2).float() / 255
    return jitter_texture(jitter_colour(images, inside, jitter, rng), rng)


def stage_scores(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[str, Any]:
    """Figures of the softmax head on whole fields."""
    labelled = [picture for picture in pictures if picture.target]
    probabilities = probabilities_of(network, squares(labelled, contract))
    targets = [picture.target for picture in labelled]
    return classification_scores(probabilities, targets, network.classes)


def _set_temperature(network: Network, pictures: Sequence[Picture], contract: Contract) -> float:
    """Fits the head's temperature on images that the network was not fitted on."""
    labelled = [picture for picture in pictures if len(picture.target) == 1]
    logits = outputs(network, squares(labelled, contract), ["logits"])["logits"].numpy()
    truth = np.array([picture.target[0] for picture in labelled], np.int64)
    found = fit_temperature(logits, truth)
    network.temperature.fill_(found)
    return round(found, 4)


def _corners_covered(picture: Picture, rng: np.random.Generator) -> Picture:
    """Now and then a corner hidden by a piece from elsewhere: burnt-in scale bars differ by slide, hence by class."""
    corners = [(1, 1)] if rng.random() < 0.5 else []
    corners += [(x, y) for x in (0, 1) for y in (0, 1) if rng.random() < 0.1]
    if not corners:
        return picture
    share_w, share_h = rng.uniform(0.12, 0.3), rng.uniform(0.07, 0.18)
    from_x, from_y = rng.uniform(0.0, 1.0), rng.uniform(0.0, 1.0)
    levels = []
    for level in picture.levels:
        covered = level.copy()
        height, width = level.shape[:2]
        w, h = max(1, int(width * share_w)), max(1, int(height * share_h))
        x, y = int((width - w) * from_x), int((height - h) * from_y)
        piece = level[y : y + h, x : x + w]
        for right, low in corners:
            left, top = (width - w) * right, (height - h) * low
            covered[top : top + h, left : left + w] = piece
        levels.append(covered)
    return replace(picture, levels=tuple(levels))


def _letterboxed(sample: Sample, rng: np.random.Generator) -> Sample:
    """As if the field were oblong: bands of padding on two sides."""
    side = len(sample.image)
    band = int(side * rng.uniform(0.05, 0.2))
    image, inside = sample.image.copy(), sample.inside.copy()
    if rng.random() < 0.5:
        image, inside = image.transpose(1, 0, 2).copy(), inside.T.copy()
    for rows in (slice(0, band), slice(side - band, side)):
        image[rows], inside[rows] = 255, 0
    return replace(sample, image=image, inside=inside)


def _settings(order: FusionOrder, weights: dict[tuple[int, ...], float]) -> dict[str, Any]:
    return {
        "recipe": order.recipe.to_json(),
        "jitter": vars(order.jitter),
        "painted": order.painted,
        "weights": {trunk: path.name for trunk, path in order.weights.items()},
        "class_weights": {STAGES[target[0]]: round(value, 4) for target, value in weights.items()},
        "torch": torch.__version__,
    }
