import numpy as np
import pytest

from leukoscope.progress import Silent
from leukoscope.training import tree_search
from leukoscope.training.tree_search import FOLDS, Table, chance_accuracy, folds_of, search

SETTINGS = {
    "objective": "multi:softprob", "num_class": 3, "eval_metric": "mlogloss", "eta": 0.3, "nthread": 1,
}  # fmt: skip


def table(images=60, views=2, seed=1):
    """Three labels that two features tell apart, six groups each."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), images // 3)
    features = rng.normal(0, 1, (images, 4)).astype(np.float32)
    features[:, 0] += 3 * (labels == 1)
    features[:, 1] += 3 * (labels == 2)
    groups = [f"{label}/{index % 6}" for index, label in enumerate(labels)]
    rows = np.repeat(features, views, axis=0)
    rows[1::2] += 0.1
    truth = np.repeat(labels, views)
    return Table(rows, truth, np.ones(len(truth), np.float32), groups, views)


def test_folds_keep_groups_whole_and_every_label_in_every_fold():
    data = table()
    labels = data.labels[::2]
    folds = folds_of(data.groups, labels)
    for group in set(data.groups):
        assert (
            len({fold for fold, one in zip(folds, data.groups, strict=True) if one == group}) == 1
        )
    for fold in range(FOLDS):
        assert set(labels[folds == fold]) == {0, 1, 2}


def test_a_label_of_few_groups_is_cut_into_runs():
    folds = folds_of(["a"] * 9, np.zeros(9, np.int64))
    assert folds.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_the_settings_with_the_least_loss_on_other_groups_win(monkeypatch):
    weak, strong = {"max_depth": 1, "eta": 1e-4}, {"max_depth": 3, "eta": 0.3}
    monkeypatch.setattr(tree_search, "CANDIDATES", (weak, strong))
    chosen, tried = search(table(), SETTINGS, 20, Silent())
    assert chosen == strong
    assert tried[1]["log_loss"] < tried[0]["log_loss"] and tried[0]["max_depth"] == 1


def test_a_fold_is_judged_by_trees_that_have_not_seen_it(monkeypatch):
    """Features that only name the image teach nothing about another one."""
    data = table()
    names = np.repeat(np.random.default_rng(3).normal(0, 1, (60, 4)), 2, axis=0)
    blind = Table(names.astype(np.float32), data.labels, data.weights, data.groups, 2)
    monkeypatch.setattr(tree_search, "CANDIDATES", ({"max_depth": 4},))
    _, tried = search(blind, SETTINGS, 20, Silent())
    assert tried[0]["log_loss"] > 0.95 * np.log(3)


def test_shuffled_labels_give_chance_and_true_ones_do_not():
    asked = table(images=300, seed=2)
    first = asked.features[::2], asked.labels[::2]
    found = chance_accuracy(table(), first, SETTINGS, 10, seed=1)
    assert len(found) == 3 and np.mean(found) == pytest.approx(1 / 3, abs=0.15)


def test_an_image_a_label_is_too_few_to_choose_by():
    data = table(images=3)
    assert search(data, SETTINGS, 5, Silent()) == ({}, [])
