"""Chooses the boosting settings by cross-validation over groups, and measures what chance would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from leukoscope.progress import Progress

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

FOLDS = 3
PATIENCE = 30
CANDIDATES: tuple[dict[str, Any], ...] = (
    {"max_depth": 2, "colsample_bytree": 0.4},
    {"max_depth": 3, "colsample_bytree": 0.4},
    {"max_depth": 3, "colsample_bytree": 0.2, "min_child_weight": 8.0},
    {"max_depth": 5, "colsample_bytree": 0.3},
)
"""Few and far apart: a finer grid would read differences out of a few groups that are not there."""


@dataclass(frozen=True)
class Table:
    """What boosting learns from: `views` rows an image, in a line, the first of them the image as the stream shows it."""

    features: Rows
    labels: Labels
    """[n]"""
    weights: Rows
    groups: Sequence[str]
    """Of each image, n / views of them."""
    views: int

    def images(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The rows of the chosen images."""
        return np.repeat(chosen, self.views)


def search(
    table: Table, settings: Mapping[str, Any], rounds: int, progress: Progress
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The candidate with the least mean log loss over the folds, and what each reached.

    Each fold is judged on its images as they are, by trees of the other folds stopped by the fold itself: good enough to
    rank settings, too kind to be reported as a figure. With too few images for two folds nothing is chosen.
    """
    folds = folds_of(table.groups, table.labels[:: table.views])
    if len(np.unique(folds)) < 2:
        return {}, []
    found = []
    for candidate in progress.track(CANDIDATES, "searching", len(CANDIDATES)):
        losses = [
            _fold_loss(table, folds == fold, {**settings, **candidate}, rounds)
            for fold in np.unique(folds)
        ]
        found.append({**candidate, "log_loss": round(float(np.mean(losses)), 4)})
    best = min(range(len(found)), key=lambda index: found[index]["log_loss"])
    return dict(CANDIDATES[best]), found


def folds_of(groups: Sequence[str], labels: Labels) -> NDArray[np.int64]:
    """A fold from 0 to FOLDS - 1 for each image: whole groups, dealt out by label.

    A label of fewer groups than folds has its images cut into contiguous runs instead, because a fold without the
    label teaches nothing about it.
    """
    folds = np.zeros(len(groups), np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label).tolist()
        names = sorted({groups[row] for row in rows})
        if len(names) >= FOLDS:
            place = {name: index % FOLDS for index, name in enumerate(names)}
            folds[rows] = [place[groups[row]] for row in rows]
        else:
            folds[rows] = np.arange(len(rows)) * FOLDS // len(rows)
    return folds


def chance_accuracy(
    table: Table, asked: tuple[Rows, Labels], settings: Mapping[str, Any], rounds: int, seed: int
) -> list[float]:
    """Balanced accuracy on `asked` of three boosters whose labels were shuffled among the images: what chance gives."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(3):
        shuffled = np.repeat(rng.permutation(table.labels[:: table.views]), table.views)
        booster = xgboost.train(
            dict(settings), xgboost.DMatrix(table.features, shuffled), num_boost_round=rounds
        )
        votes = booster.inplace_predict(asked[0]).argmax(1)
        recalls = [np.mean(votes[asked[1] == label] == label) for label in np.unique(asked[1])]
        found.append(round(float(np.mean(recalls)), 4))
    return found


def _fold_loss(
    table: Table, judged: NDArray[np.bool_], settings: Mapping[str, Any], rounds: int
) -> float:
    fitted = table.images(~judged)
    first = np.flatnonzero(judged) * table.views
    booster = xgboost.train(
        dict(settings),
        xgboost.DMatrix(table.features[fitted], table.labels[fitted], weight=table.weights[fitted]),
        num_boost_round=rounds,
        evals=[(xgboost.DMatrix(table.features[first], table.labels[first]), "fold")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return float(booster.best_score)
