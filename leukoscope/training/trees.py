"""`train trees`: XGBoost on the fused features, fitted on images that the network was not fitted on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xgboost

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint
from leukoscope.models.network import Network
from leukoscope.progress import Progress
from leukoscope.training.losses import effective_number_weights
from leukoscope.training.painted import TREES_SEED, painted_stages
from leukoscope.training.parts import Folders
from leukoscope.training.pictures import Image, Picture, read_label_maps
from leukoscope.training.predict import outputs, squares
from leukoscope.training.run import check_output
from leukoscope.training.scores import classification_scores
from leukoscope.training.stage_scores import shifted_accuracy, stage_scores
from leukoscope.training.stain_views import stain_views
from leukoscope.training.temperature import fit_temperature
from leukoscope.training.tree_images import tree_images
from leukoscope.training.tree_search import PATIENCE, Labels, Rows, Table, chance_accuracy, search

NAME = "xincept_all"
ATTRIBUTE = "leukoscope"
PARAMETERS: dict[str, Any] = {
    "objective": "multi:softprob",
    "eval_metric": "mlogloss",
    "tree_method": "hist",
    "max_depth": 3,
    "eta": 0.1,
    "subsample": 0.7,
    "colsample_bytree": 0.4,
    "min_child_weight": 4.0,
    "lambda": 2.0,
}
"""What all candidates of the search share; `tree_search.CANDIDATES` replace some."""
ROUNDS = 400


@dataclass(frozen=True)
class TreesOrder:
    """What `train trees` was asked for. Raises InputError where `output` cannot be written."""

    checkpoint: Path
    data: tuple[Path, ...]
    output: Path
    views: int = 8
    seed: int = 1
    threads: int = 0
    painted: int = 0
    """Painted fields among the rows; what stops the boosting and sets the temperature is real."""
    search: bool = True
    """Whether the settings are chosen by cross-validation over groups."""
    label_maps: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        check_output(self.output)
        if self.output.suffix != ".json":
            raise InputError(f"trees in {self.output.name}", wanted="a name that ends with .json")


def train_trees(order: TreesOrder, progress: Progress) -> dict[str, Any]:
    """Fits, slices and saves the trees as XGBoost JSON with our attribute; returns the figures.

    The checkpoint is not changed. Raises InputError where the folders do not hold the images that the
    checkpoint's header names for the trees.
    """
    if order.threads:
        torch.set_num_threads(order.threads)
    network, header = load_checkpoint(order.checkpoint)
    if header.network != NAME:
        raise InputError(
            f"{order.checkpoint} is a checkpoint of {header.network}",
            wanted=f"one of {NAME}",
            next_step="leukoscope train fusion --help",
        )
    contract = Contract(network.input_px)
    folders = Folders(order.data, read_label_maps(order.label_maps, NAME))
    images = tree_images(folders, header, order.seed, progress)
    if not images.rows or not images.stop:
        raise InputError(
            f"the images that {order.checkpoint} set apart for the trees are not in --data",
            wanted="the folders that the network was trained on",
        )
    rows = [*images.rows, *painted_stages(order.painted, TREES_SEED, progress)]
    progress.note(f"{len(rows)} images in {order.views} views, {len(images.stop)} to stop by")
    table = _table(network, rows, contract, order)
    stop = _features(network, squares(images.stop, contract)), _truth(images.stop)
    settings = _settings(order, len(network.classes))
    chosen, tried = ({}, []) if not order.search else search(table, settings, ROUNDS, progress)
    booster = _boost(table, stop, settings | chosen)
    temperature = fit_temperature(_margins(booster, stop[0]), stop[1])
    figures = {**_figures(booster, temperature, network, images.held, contract), "search": tried}
    if images.held:
        asked = _features(network, squares(images.held, contract)), _truth(images.held)
        rounds = booster.num_boosted_rounds()
        figures["held_shuffled_labels"] = chance_accuracy(
            table, asked, settings | chosen, rounds, order.seed
        )
    figures["chosen"] = chosen
    _save(booster, temperature, order, header, figures)
    return figures


def _settings(order: TreesOrder, classes: int) -> dict[str, Any]:
    settings = {**PARAMETERS, "num_class": classes, "seed": order.seed}
    return settings | ({"nthread": order.threads} if order.threads else {})


def _table(
    network: Network, rows: Sequence[Picture], contract: Contract, order: TreesOrder
) -> Table:
    """Views of each picture as rows; painted ones are a group each."""
    views = [stain_views(picture, contract, order.views, order.seed) for picture in rows]
    features = _features(network, [view for one in views for view in one])
    truth = np.repeat(_truth(rows), order.views)
    weights = effective_number_weights([(int(label),) for label in truth])
    groups = [picture.group or f"painted/{picture.name}" for picture in rows]
    each = np.array([weights[int(label),] for label in truth], np.float32)
    return Table(features, truth, each, groups, order.views)


def _boost(table: Table, stop: tuple[Rows, Labels], settings: dict[str, Any]) -> Any:
    """The booster, cut behind its best round."""
    booster = xgboost.train(
        settings,
        xgboost.DMatrix(table.features, table.labels, weight=table.weights),
        num_boost_round=ROUNDS,
        evals=[(xgboost.DMatrix(*stop), "stop")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def _figures(
    booster: Any, temperature: float, network: Network, held: Sequence[Picture], contract: Contract
) -> dict[str, Any]:
    """Trees and softmax head side by side on the held images."""
    found: dict[str, Any] = {
        "rounds": booster.num_boosted_rounds(),
        "temperature": round(temperature, 4),
    }
    if not held:
        return found

    def vote(frames: Sequence[Image]) -> Rows:
        margins = _margins(booster, _features(network, frames)) / temperature
        votes: Rows = np.exp(margins - margins.max(1, keepdims=True))
        votes /= votes.sum(1, keepdims=True)
        return votes

    targets = [picture.target for picture in held]
    squared = squares(held, contract)
    found["held_trees"] = classification_scores(vote(squared), targets, network.classes)
    found["held_head"] = stage_scores(network, held, contract)
    found["held_trees_shifted"] = shifted_accuracy(vote, held, contract, network.classes)
    return found


def _save(
    booster: Any,
    temperature: float,
    order: TreesOrder,
    header: CheckpointHeader,
    figures: dict[str, Any],
) -> None:
    meaning = {
        "network": header.network,
        "classes": list(header.classes),
        "features": booster.num_features(),
        "temperature": temperature,
        "checkpoint_sha256": sha256_of_file(order.checkpoint),
        "settings": {
            **PARAMETERS,
            **figures["chosen"],
            "views": order.views,
            "painted": order.painted,
            "seed": order.seed,
        },
        "metrics": figures,
    }
    booster.set_attr(**{ATTRIBUTE: json.dumps(meaning, allow_nan=False)})
    part = order.output.with_name("part." + order.output.name)
    booster.save_model(part)
    part.replace(order.output)


def _features(network: Network, frames: Sequence[Image]) -> Rows:
    found: Rows = outputs(network, frames, ["features"])["features"].numpy()
    return found


def _margins(booster: Any, features: Rows) -> Rows:
    margins: Rows = booster.inplace_predict(features, predict_type="margin")
    return margins


def _truth(pictures: Sequence[Picture]) -> Labels:
    return np.array([picture.target[0] for picture in pictures], np.int64)
