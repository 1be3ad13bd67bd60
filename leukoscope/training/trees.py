"""`train trees`: XGBoost on the fused features, fitted on images that the network was not fitted on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.images.groups import split
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.layouts import Item
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint
from leukoscope.models.network import Network
from leukoscope.progress import Progress
from leukoscope.training.losses import effective_number_weights
from leukoscope.training.pictures import Picture, Source, load_pictures, open_source
from leukoscope.training.predict import outputs, squares
from leukoscope.training.scores import classification_scores
from leukoscope.training.stain_views import stain_views
from leukoscope.training.temperature import fit_temperature

ATTRIBUTE = "leukoscope"
STOP_SHARES = {"rows": 0.65, "stop": 0.35}
"""Of the `trees` part, by group: the rows, and the images that stop the boosting and set the temperature."""
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
ROUNDS = 400
PATIENCE = 30

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class TreesOrder:
    """What `train trees` was asked for."""

    checkpoint: Path
    data: tuple[Path, ...]
    output: Path
    views: int = 8
    seed: int = 1
    threads: int = 0


def train_trees(order: TreesOrder, progress: Progress) -> dict[str, Any]:
    """Fits, slices and saves the trees as XGBoost JSON with our attribute; returns the figures.

    The checkpoint is not changed. Raises InputError where the folders do not hold the images that the
    checkpoint's header names for the trees.
    """
    if order.threads:
        torch.set_num_threads(order.threads)
    network, header = load_checkpoint(order.checkpoint)
    contract = Contract(network.input_px)
    rows, stop, held = _pictures(order, header, progress)
    progress.note(f"{len(rows)} images in {order.views} views, {len(stop)} to stop by")
    views = [stain_views(picture, contract, order.views, order.seed) for picture in rows]
    features = _features(network, [view for one in views for view in one])
    truth = np.repeat(_truth(rows), order.views)
    stop_features = _features(network, squares(stop, contract))
    weights = effective_number_weights([(int(label),) for label in truth])
    booster = _boost(
        features,
        truth,
        np.array([weights[int(label),] for label in truth], np.float32),
        (stop_features, _truth(stop)),
        order,
    )
    temperature = fit_temperature(_margins(booster, stop_features), _truth(stop))
    figures = _figures(booster, temperature, network, held, contract)
    _save(booster, temperature, order, header, figures)
    return figures


def _pictures(
    order: TreesOrder, header: CheckpointHeader, progress: Progress
) -> tuple[list[Picture], list[Picture], list[Picture]]:
    """Rows, stopping images and held images, found again by their hashes."""
    found: dict[str, list[Picture]] = {"rows": [], "stop": [], "held": []}
    for root in order.data:
        source = open_source(root, header.network, header.classes)
        parts = _by_hash(source, header, progress)
        dealt = split(parts["trees"], STOP_SHARES, order.seed) if parts["trees"] else {}
        for name, items in {**dealt, "held": parts["held"]}.items():
            found[name] += [p for p in load_pictures(source, items, progress) if p.target]
    if not found["rows"] or not found["stop"]:
        raise InputError(
            f"the images that {order.checkpoint} set apart for the trees are not in --data",
            wanted="the folders that the network was trained on",
        )
    return found["rows"], found["stop"], found["held"]


def _by_hash(source: Source, header: CheckpointHeader, progress: Progress) -> dict[str, list[Item]]:
    parts = header.data.get("parts", {})
    wanted = {
        name: {digest for group in parts.get(name, {}).values() for digest in group}
        for name in ("trees", "held")
    }
    found: dict[str, list[Item]] = {name: [] for name in wanted}
    items = source.images.items
    for item in progress.track(items, "hashing", len(items)):
        digest = sha256_of_bytes(item.path.read_bytes())
        for name, digests in wanted.items():
            if digest in digests:
                found[name].append(item)
    return found


def _boost(
    features: Rows,
    truth: NDArray[np.int64],
    weights: Rows,
    stop: tuple[Rows, NDArray[np.int64]],
    order: TreesOrder,
) -> Any:
    """The booster, cut behind its best round."""
    import xgboost

    classes = int(truth.max()) + 1
    settings = {**PARAMETERS, "num_class": classes, "seed": order.seed}
    if order.threads:
        settings["nthread"] = order.threads
    booster = xgboost.train(
        settings,
        xgboost.DMatrix(features, truth, weight=weights),
        num_boost_round=ROUNDS,
        evals=[(xgboost.DMatrix(stop[0], stop[1]), "stop")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def _figures(
    booster: Any, temperature: float, network: Network, held: Sequence[Picture], contract: Contract
) -> dict[str, Any]:
    """Trees and softmax head side by side on the held images."""
    figures: dict[str, Any] = {
        "rounds": booster.num_boosted_rounds(),
        "temperature": round(temperature, 4),
    }
    if not held:
        return figures
    read = outputs(network, squares(held, contract), ["features", "probabilities"])
    margins = _margins(booster, read["features"].numpy()) / temperature
    votes = np.exp(margins - margins.max(1, keepdims=True))
    votes /= votes.sum(1, keepdims=True)
    targets = [picture.target for picture in held]
    figures["held_trees"] = classification_scores(votes, targets, network.classes)
    head = read["probabilities"].numpy()
    figures["held_head"] = classification_scores(head, targets, network.classes)
    return figures


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
        "checkpoint_sha256": sha256_of_bytes(order.checkpoint.read_bytes()),
        "settings": {**PARAMETERS, "views": order.views, "seed": order.seed},
        "metrics": figures,
    }
    booster.set_attr(**{ATTRIBUTE: json.dumps(meaning, allow_nan=False)})
    order.output.parent.mkdir(parents=True, exist_ok=True)
    part = order.output.with_name("part." + order.output.name)
    booster.save_model(part)
    part.replace(order.output)


def _features(network: Network, frames: Sequence[NDArray[np.uint8]]) -> Rows:
    found: Rows = outputs(network, frames, ["features"])["features"].numpy()
    return found


def _margins(booster: Any, features: Rows) -> Rows:
    margins: Rows = booster.inplace_predict(features, predict_type="margin")
    return margins


def _truth(pictures: Sequence[Picture]) -> NDArray[np.int64]:
    return np.array([picture.target[0] for picture in pictures], np.int64)
