"""Boosted trees on a network's features, by one fixed setting without a search, so that cells compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.models.network import Network
from leukoscope.training.losses import effective_number_weights
from leukoscope.training.pictures import Picture
from leukoscope.training.predict import outputs, squares
from leukoscope.training.stain_views import stain_views
from leukoscope.training.trees import PARAMETERS

SETTINGS: dict[str, Any] = {**PARAMETERS, "num_class": len(STAGES), "nthread": 1}
ROUNDS, PATIENCE = 300, 20

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class TreeVote:
    """Features [B, F] -> probabilities [B, 4]."""

    booster: Any

    @property
    def rounds(self) -> int:
        return int(self.booster.num_boosted_rounds())

    def __call__(self, features: Rows) -> Rows:
        votes: Rows = self.booster.inplace_predict(features)
        return votes


def fit_trees(
    network: Network,
    rows: Sequence[Picture],
    stop: Sequence[Picture],
    contract: Contract,
    views: int,
    seed: int,
) -> TreeVote:
    """Fitted on `views` restained views of each of `rows`, stopped by the log loss of `stop`; the network saw neither."""
    seen = [view for one in rows for view in stain_views(one, contract, views, seed)]
    truth = np.repeat([one.target[0] for one in rows], views)
    weights = effective_number_weights([(int(label),) for label in truth])
    each = [weights[int(label),] for label in truth]
    booster = xgboost.train(
        {**SETTINGS, "seed": seed},
        xgboost.DMatrix(_features(network, seen), truth, weight=each),
        num_boost_round=ROUNDS,
        evals=[(_matrix(network, stop, contract), "stop")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return TreeVote(booster[: booster.best_iteration + 1])


def _matrix(network: Network, pictures: Sequence[Picture], contract: Contract) -> xgboost.DMatrix:
    truth = np.array([one.target[0] for one in pictures])
    return xgboost.DMatrix(_features(network, squares(pictures, contract)), truth)


def _features(network: Network, frames: Sequence[NDArray[np.uint8]]) -> Rows:
    found: Rows = outputs(network, frames, ["features"])["features"].numpy()
    return found
