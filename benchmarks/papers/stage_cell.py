"""A cell of the task `stages`: train a classifier of fields, then trees on its features, and measure both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.papers.budget import Budget
from benchmarks.papers.f1 import with_f1
from benchmarks.papers.tree_vote import TreeVote, fit_trees
from benchmarks.papers.variants import Variant
from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.models.network import Network
from leukoscope.training.augment import ColourJitter
from leukoscope.training.baselines import colour_baselines
from leukoscope.training.colour_shifts import SHIFTS, shifted
from leukoscope.training.fusion import StageTask, balance
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.predict import outputs, squares
from leukoscope.training.scores import classification_scores

Parts = Mapping[str, Sequence[Picture]]
SHIFTED_EVERY = 2
"""Every second held image is measured under the shifts, which otherwise take longer than all else that is measured."""


@dataclass(frozen=True)
class BoundedStages(StageTask):
    """XIncept-ALL's task with a fixed number of steps a round. Nothing is watched."""

    steps_a_round: int = 1

    def steps(self, batch: int) -> int:
        # A round draws each image once at most.
        return max(1, min(self.steps_a_round, len(self.fitted) // batch))

    def watch(self, network: Network) -> dict[str, float]:
        return {"score": 0.0}


def task(parts: Parts, variant: Variant, budget: Budget) -> BoundedStages:
    """What the network is trained on."""
    fitted = [one for one in parts["fit"] if one.target]
    draws, weights = balance([one.target for one in fitted], variant.balanced)
    return BoundedStages(
        fitted=fitted,
        watched={},
        contract=Contract(budget.input_px),
        jitter=ColourJitter().scaled(variant.jitter),
        label_weights=weights,
        draws=draws,
        auto_augment=variant.auto_augment,
        steps_a_round=budget.steps,
    )


def figures(
    network: Network, parts: Parts, budget: Budget, seed: int, *, floor: bool
) -> dict[str, Any]:
    """`head` and `trees`, each with `shifted`, the accuracy by shift of colour or light; with `floor` what colour alone gets."""
    contract = Contract(budget.input_px)
    trees = fit_trees(network, parts["rows"], parts["stop"], contract, budget.tree_views, seed)
    held = [one for one in parts["held"] if one.target]
    found: dict[str, Any] = {"images": len(held), "tree_rounds": trees.rounds}
    frames = squares(held, contract)
    targets = [one.target for one in held]
    for voter, scores in _votes(network, trees, frames, targets).items():
        found[voter] = with_f1(scores)
        found[voter]["shifted"] = {}
    some = slice(None, None, SHIFTED_EVERY)
    for shift in SHIFTS:
        seen = [shifted(frame, shift) for frame in frames[some]]
        for voter, scores in _votes(network, trees, seen, targets[some]).items():
            found[voter]["shifted"][shift] = scores["accuracy"]
    counts = np.bincount(
        [one.target[0] for one in parts["fit"] if one.target], minlength=len(STAGES)
    )
    found["rarest"] = STAGES[int(counts.argmin())]
    if floor:
        found["colour"] = colour_baselines(parts["fit"], held)
    return found


def _votes(
    network: Network, trees: TreeVote, frames: Sequence[Image], targets: Sequence[tuple[int, ...]]
) -> dict[str, dict[str, Any]]:
    seen = outputs(network, frames, ["probabilities", "features"])
    votes = {"head": seen["probabilities"].numpy(), "trees": trees(seen["features"].numpy())}
    return {
        voter: classification_scores(shares, targets, STAGES) for voter, shares in votes.items()
    }
