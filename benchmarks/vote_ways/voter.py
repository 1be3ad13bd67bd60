"""Boosted trees on random features: for timing, they mean nothing."""

from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray

ROWS, DEPTH = 2000, 6


def fit_trees(
    features: NDArray[np.float32], rounds: int, classes: int, seed: int
) -> xgboost.XGBClassifier:
    """Trees on noise around the network's own `features` [N, F], so that rows take many different ways through them."""
    random = np.random.default_rng(seed)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    rows = (mean + deviation * random.normal(size=(ROWS, len(mean)))).astype(np.float32)
    scores = ((rows - mean) / deviation)[:, :8].sum(axis=1) + 2 * random.normal(size=ROWS)
    labels = np.digitize(scores, np.quantile(scores, np.linspace(0, 1, classes + 1)[1:-1]))
    model = xgboost.XGBClassifier(
        n_estimators=rounds,
        max_depth=DEPTH,
        learning_rate=0.05,
        colsample_bytree=0.1,
        min_child_weight=0,
        tree_method="hist",
        max_bin=32,
        random_state=seed,
        objective="multi:softprob",
    )
    return model.fit(rows, labels)


def open_trees(model: Path, threads: int) -> xgboost.XGBClassifier:
    """The trees as a lab would load them."""
    classifier = xgboost.XGBClassifier(n_jobs=threads)
    classifier.load_model(model)
    return classifier
