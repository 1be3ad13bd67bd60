"""XGBoost models become blobs that give XGBoost's own margins, bit for bit."""

import inspect
import json

import numpy as np
import pytest

from leukoscope.bundle.manifest import TreesEntry
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.errors import InputError
from leukoscope.export import treelite_child
from leukoscope.export.tree_nodes import trees_of
from leukoscope.export.tree_parity import compare, searching_rows
from leukoscope.export.trees import blob_from_xgboost

xgboost = pytest.importorskip("xgboost", reason="pip install 'leukoscope[workstation]'")
pytest.importorskip("treelite", reason="pip install 'leukoscope[workstation]'")

LOGISTIC = {"objective": "binary:logistic"}
SOFTPROB = {"objective": "multi:softprob", "num_class": 4}


def train(parameters, *, rounds=8, rows=300, features=8, kinds=None, seed=0, **options):
    """A booster on noise with some structure and 15 % missing values."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, features)).astype(np.float32)
    for column, kind in enumerate(kinds or []):
        if kind == "c":
            x[:, column] = random.integers(0, 40, rows)
    score = np.nan_to_num(x[:, 0] % 7 + 2 * x[:, 1]) + random.normal(size=rows)
    x[random.random(x.shape) < 0.15] = np.nan
    classes = parameters.get("num_class", 2)
    y = np.digitize(score, np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1]))
    data = xgboost.DMatrix(x, y, feature_types=kinds)
    return xgboost.train({"nthread": 1, "seed": seed, **parameters}, data, rounds, **options)


def lay(booster, path, layout=None):
    """The blob, without the child process: what it does is called here."""
    booster.save_model(path)
    facts = treelite_child.read_facts(path)
    trees = trees_of(treelite_child.read_nodes(path, facts), "m")
    names = ("objective", "features", "outputs", "base_score")
    return trees, TreeBlob.read(lay_out(trees, layout=layout, **{n: facts[n] for n in names}))


def parity(booster, trees, blob, rounds=(0, 0), rows=1000):
    x = searching_rows(trees, blob.features, rows, np.random.default_rng(1))
    assert np.isnan(x).any() and np.isposinf(x).any() and np.isneginf(x).any()
    theirs = {
        name: booster.inplace_predict(
            x, predict_type=kind, iteration_range=rounds, validate_features=False
        ).reshape(rows, -1)
        for name, kind in (("margins", "margin"), ("values", "value"))
    }
    if blob.objective == "softmax":
        assert (theirs["values"][:, 0] == blob.probabilities(x).argmax(1)).all()
        theirs["values"] = treelite_child.linked(theirs["margins"])
    return compare(blob, x, theirs)


def held(found):
    """All margins equal, probabilities as near as the walk promises."""
    exact = found.bit_equal_share == 1.0 and found.max_error == 0.0
    return exact and found.probability_ulp <= found.probability_tolerance_ulp


MODELS = {
    **{f"logistic depth {d}": {**LOGISTIC, "max_depth": d, "min_child_weight": 0} for d in (1, 4, 12)},
    **{f"softprob depth {d}": {**SOFTPROB, "max_depth": d, "min_child_weight": 0} for d in (1, 6, 9, 12)},
    "softmax": {**SOFTPROB, "objective": "multi:softmax", "max_depth": 4},
    "one tree": LOGISTIC,
    "one tree each": {**SOFTPROB, "num_class": 2},
    "one tree of one leaf": {**LOGISTIC, "gamma": 1e6},
    "one forest": {**SOFTPROB, "num_parallel_tree": 5, "subsample": 0.5, "eta": 1.0},
    "softprob 2": {**SOFTPROB, "num_class": 2},
    "softprob 10": {**SOFTPROB, "num_class": 10, "max_depth": 3},
    "base score": {**LOGISTIC, "base_score": 0.3},
    # A logit that the C library's logf rounds otherwise than a double logarithm does.
    "awkward base score": {**LOGISTIC, "base_score": 0.5134408876244826, "eta": 1e-12},
    "vector base score": {**SOFTPROB, "tree_method": "hist"},
    "forest": {**SOFTPROB, "num_parallel_tree": 3, "subsample": 0.5, "max_depth": 5},
    "lossguide": {**LOGISTIC, "grow_policy": "lossguide", "max_depth": 0, "max_leaves": 60, "tree_method": "hist"},
    "exact, pruned": {**LOGISTIC, "tree_method": "exact", "gamma": 2.0, "max_depth": 8},
    "dart": {**LOGISTIC, "booster": "dart", "rate_drop": 0.3, "base_score": 0.2},
    "dart softprob": {**SOFTPROB, "booster": "dart", "rate_drop": 0.3, "skip_drop": 0.2, "max_depth": 4},
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_margins_are_xgboosts_bit_for_bit(name, tmp_path, tree_walk):
    rounds = 1 if "one" in name else 30 if "dart" in name else 8
    booster = train(MODELS[name], rounds=rounds, rows=3000 if "12" in name else 300)
    trees, blob = lay(booster, tmp_path / "m.json")
    found = parity(booster, trees, blob)
    assert held(found)
    assert found.probability_tolerance_ulp == (0 if tree_walk == "kernel" else 2)
    assert blob.header.depth == max(tree.depth() for tree in trees)
    assert blob.header.depth == 12 or "12" not in name


@pytest.mark.parametrize("layout", ["perfect", "nodes"])
def test_both_layouts_give_the_same(layout, tmp_path, tree_walk):
    booster = train({**SOFTPROB, "max_depth": 5})
    trees, blob = lay(booster, tmp_path / "m.json", layout)
    assert blob.layout == layout and held(parity(booster, trees, blob))


@pytest.mark.parametrize("one_hot", [1, 64])
def test_integer_categories(one_hot, tmp_path, tree_walk):
    parameters = {**SOFTPROB, "max_cat_to_onehot": one_hot, "tree_method": "hist", "max_depth": 5}
    booster = train(parameters, kinds=["c", "q", "c", "q", "q", "q", "q", "q"])
    trees, blob = lay(booster, tmp_path / "m.json")
    assert blob.layout == "nodes" and blob.header.sets > 0
    assert held(parity(booster, trees, blob))


STOPPED = {
    "softprob": SOFTPROB,
    "softmax": {**SOFTPROB, "objective": "multi:softmax", "eval_metric": "mlogloss"},
    "logistic": LOGISTIC,
    "forest": {**SOFTPROB, "num_parallel_tree": 3, "subsample": 0.5},
    "dart": {**SOFTPROB, "booster": "dart", "rate_drop": 0.2},
}


@pytest.mark.parametrize("sliced", [False, True])
@pytest.mark.parametrize("kind", STOPPED)
def test_an_early_stopped_model_is_cut_after_its_best_iteration(kind, sliced, tmp_path, tree_walk):
    parameters = {**STOPPED[kind], "max_depth": 4}
    random, classes = np.random.default_rng(3), parameters.get("num_class", 2)
    x, y = random.normal(size=(200, 8)).astype(np.float32), random.integers(0, classes, 200)
    held_out = [(xgboost.DMatrix(x, y), "held_out")]
    booster = train(
        parameters, rounds=40, evals=held_out, early_stopping_rounds=5, verbose_eval=False
    )
    best = booster.best_iteration
    assert booster.num_boosted_rounds() > best + 1
    kept = booster[: best + 1] if sliced else booster
    trees, blob = lay(kept, tmp_path / "m.json")
    per_round = parameters.get("num_parallel_tree", 1) * (1 if kind == "logistic" else classes)
    assert blob.trees == per_round * (best + 1)
    assert held(parity(booster, trees, blob, (0, best + 1)))


@pytest.mark.parametrize(
    "name", ["logistic depth 4", "softprob depth 9", "forest", "exact, pruned", "dart softprob"]
)
def test_contributions_are_xgboosts_approximate_ones(name, tmp_path, tree_walk):
    booster = train(MODELS[name], rounds=20)
    _, blob = lay(booster, tmp_path / "m.json")
    x = np.random.default_rng(2).normal(size=(50, 8)).astype(np.float32)
    x[::3, ::2] = np.nan
    theirs = booster.predict(xgboost.DMatrix(x), pred_contribs=True, approx_contribs=True)
    ours = blob.contributions(x)
    np.testing.assert_allclose(ours, theirs.reshape(ours.shape), atol=2e-6 * np.abs(theirs).max())
    np.testing.assert_allclose(ours.sum(-1), blob.margins(x), atol=1e-5)


# By way of the child process.


def saved(booster, path, note=None):
    if note is not None:
        booster.set_attr(leukoscope=json.dumps(note))
    booster.save_model(path)
    return path


NAMES = ["Benign", "Early", "Pre", "Pro"]


def test_export_proves_and_describes_the_blob(tmp_path):
    note = {"classes": NAMES, "temperature": 1.5, "features": 8}
    done = blob_from_xgboost(
        saved(train({**SOFTPROB, "max_depth": 3}), tmp_path / "m.json", note), rows=200
    )
    assert done.parity.rows == 200 and done.parity.bit_equal_share == 1.0
    assert done.parity.probability_ulp <= done.parity.probability_tolerance_ulp
    entry = done.entry("xincept_all")
    assert entry == TreesEntry(
        "trees.bin", "xincept_all", 8, tuple(NAMES), 32, "perfect", 1.5,
        done.parity.to_json(), {"model_sha256": done.source_sha256, "objective": "softprob"},
    )  # fmt: skip
    blob = TreeBlob.read(done.data)
    assert (blob.trees, blob.classes, blob.temperature) == (32, 4, 1.5)


def test_the_proof_has_ten_thousand_rows():
    assert inspect.signature(blob_from_xgboost).parameters["rows"].default >= 10_000


@pytest.mark.parametrize("parameters", [LOGISTIC, SOFTPROB])
def test_the_oracle_of_a_temperature_is_xgboosts_own_link(parameters):
    booster = train(parameters, rounds=3)
    x = np.random.default_rng(0).normal(size=(500, 8)).astype(np.float32)
    margins, values = (booster.inplace_predict(x, predict_type=k) for k in ("margin", "value"))
    found = treelite_child.linked(margins.reshape(500, -1))
    assert (found == values.reshape(500, -1)).all()


@pytest.mark.parametrize(
    "note,classes,fault",
    [
        (None, None, "votes for"),
        ({"classes": NAMES[:3]}, None, "votes for"),
        ({"classes": NAMES}, NAMES[::-1], "votes for"),
        ({"classes": ["a", "a", "b", "c"]}, None, "votes for"),
        ({"classes": NAMES, "features": 9}, None, "says 9 features"),
        ({"classes": NAMES, "temperature": "hot"}, None, "attribute leukoscope"),
        ({"classes": NAMES, "temperature": 0}, None, "temperature is 0"),
        ({"classes": "abcd", "x": 1}, None, "attribute leukoscope"),
        (["x"], None, "attribute leukoscope"),
    ],
)
def test_a_note_that_does_not_fit_is_refused(note, classes, fault, tmp_path, monkeypatch):
    def here(path, limits):
        facts = treelite_child.read_facts(path)
        arrays = treelite_child.read_nodes(path, facts)
        return {**arrays, "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)}

    monkeypatch.setattr("leukoscope.export.trees.read_layout", here)
    path = saved(train(SOFTPROB, rounds=1), tmp_path / "m.json", note)
    with pytest.raises(InputError, match=fault):
        blob_from_xgboost(path, classes=classes)
