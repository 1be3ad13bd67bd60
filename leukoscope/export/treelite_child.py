"""The child process that reads an XGBoost JSON model: run as a script, apart, because a hostile model crashes its readers.

    python -I treelite_child.py LIMITS layout MODEL.json OUT.npz            nodes of all trees, by way of Treelite
    python -I treelite_child.py LIMITS margins MODEL.json ROWS.npz OUT.npz  margins and probabilities, by XGBoost

LIMITS is `MEMORY_BYTES:CPU_S`. A model that is refused ends with exit code 3 and the reason as the only line on
stderr. This file imports nothing of leukoscope: it runs isolated from the folder it is started in.
"""

import ctypes
import json
import math
import re
import resource
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

OBJECTIVES = {
    "binary:logistic": "logistic",
    "multi:softprob": "softprob",
    "multi:softmax": "softmax",
}
LESS_THAN = 2
"""Treelite's code for `value < threshold goes left`."""
NODE_FIELDS = (
    "cleft",
    "cright",
    "split_index",
    "default_left",
    "leaf_value",
    "threshold",
    "sum_hess",
    "cmp",
)
CATEGORY_FIELDS = ("category_list", "category_list_begin", "category_list_end")


def main(arguments: list[str]) -> None:
    """Runs one command under its limits."""
    memory_bytes, cpu_s = (int(part) for part in arguments[0].split(":"))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        command, paths = arguments[1], [Path(part) for part in arguments[2:]]
        layout(*paths) if command == "layout" else margins(*paths)
    except (MemoryError, RecursionError):
        refuse("it does not fit into the memory that its reader may take")


def layout(model: Path, out: Path) -> None:
    """Writes the kept trees' nodes, one after the other, and `facts` as JSON."""
    facts = read_facts(model)
    arrays: dict[str, Any] = read_nodes(model, facts)
    np.savez(out, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)


def margins(model: Path, rows: Path, out: Path) -> None:
    """Writes XGBoost's own margins [n, K], and its probabilities of margins / temperature; best iterations only."""
    import xgboost

    facts = read_facts(model)
    with np.load(rows, allow_pickle=False) as file:
        x, temperature = file["x"], np.float32(file["temperature"])
    kept = (0, int(facts["rounds"]))
    try:
        booster = xgboost.Booster({"nthread": 1}, model_file=str(model))
        found = {
            kind: booster.inplace_predict(
                x, predict_type=kind, iteration_range=kept, validate_features=False
            ).reshape(len(x), -1)
            for kind in ("margin", "value")
        }
    except xgboost.core.XGBoostError as error:
        refuse(f"XGBoost does not read it: {first_line(error)}")
    if facts["objective"] == "softmax" or temperature != 1:
        found["value"] = linked(found["margin"] / temperature)
    np.savez(out, margins=found["margin"], values=found["value"])


def linked(margins: np.ndarray) -> np.ndarray:
    """XGBoost's own softmax (of one column: logistic function) of margins [n, K], by a model without trees."""
    import xgboost

    outputs = margins.shape[1]
    kind = "binary:logistic" if outputs == 1 else "multi:softprob"
    parameters = {
        "objective": kind,
        "nthread": 1,
        **({"num_class": outputs} if outputs > 1 else {}),
    }
    classes = max(2, outputs)
    nothing = xgboost.DMatrix(np.zeros((classes, 1), np.float32), np.arange(classes))
    empty = xgboost.train(parameters, nothing, 0)
    row = np.zeros((len(margins), 1), np.float32)
    return np.asarray(empty.inplace_predict(row, base_margin=margins)).reshape(len(margins), -1)


def read_facts(model: Path) -> dict[str, Any]:
    """What the JSON says besides the trees; refuses the kinds of model that are not laid out."""
    try:
        learner = json.loads(model.read_bytes())["learner"]
        booster = learner["gradient_booster"]
        dart = booster["name"] == "dart"
        if booster["name"] not in ("gbtree", "dart"):
            refuse(f"booster {booster['name']}; wanted gbtree or dart")
        content = booster["gbtree"]["model"] if dart else booster["model"]
        weights = [float(weight) for weight in booster["weight_drop"]] if dart else None
        facts = {**learner_facts(learner), **tree_facts(learner, content), "weights": weights}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        kind = f"{type(error).__name__} {error}"
        refuse(f"no XGBoost JSON model ({kind}); save it with save_model('x.json')")
    if weights is not None and len(weights) < facts["kept"]:
        refuse(f"{len(weights)} weights of trees for {facts['kept']} trees")
    return facts


def learner_facts(learner: dict[str, Any]) -> dict[str, Any]:
    """Objective, width, and the attribute that our training leaves."""
    objective = learner["objective"]["name"]
    if objective not in OBJECTIVES:
        refuse(f"objective {objective}; wanted {', '.join(OBJECTIVES)}")
    parameters = learner["learner_model_param"]
    if int(parameters.get("num_target", 1)) != 1:
        refuse("several targets; wanted one")
    outputs = max(1, int(parameters["num_class"]))
    return {
        "objective": OBJECTIVES[objective],
        "features": int(parameters["num_feature"]),
        "outputs": outputs,
        "base_score": base_margins(parameters["base_score"], outputs, objective),
        "attribute": learner.get("attributes", {}).get("leukoscope"),
    }


def base_margins(text: str, outputs: int, objective: str) -> list[float]:
    """The base score of each output in margin space: XGBoost keeps the logistic one as a probability, in float32.

    Treelite takes its logit in double, which is one float32 step off for some scores; so we call the C library's
    logf, as XGBoost does.
    """
    scores = np.array([float(part) for part in text.strip("[]").split(",")], np.float32)
    if objective == "binary:logistic":
        odds = np.float32(1) / scores - np.float32(1)
        scores = np.array([-c_logarithm(float(value)) for value in odds], np.float32)
    if len(scores) not in (1, outputs) or not np.isfinite(scores).all():
        refuse(f"base score {text[:60]} for {outputs} outputs")
    return [float(score) for score in np.broadcast_to(scores, outputs)]


def c_logarithm(value: float) -> float:
    """The logarithm in float32 of the C library that this process and XGBoost share."""
    logf = ctypes.CDLL(None).logf
    logf.argtypes, logf.restype = [ctypes.c_float], ctypes.c_float
    return float(logf(value))


def tree_facts(learner: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """How many trees, and how many of them the best iteration keeps."""
    trees = content["trees"]
    if any(int(tree["tree_param"].get("size_leaf_vector", 1)) > 1 for tree in trees):
        refuse("trees with vector leaves (multi_output_tree); wanted one_output_per_tree")
    if content.get("cats", {}).get("enc"):
        refuse("pandas categories; train on integer codes with feature_types 'c'")
    starts = content.get("iteration_indptr") or even_rounds(learner, content)
    rounds = len(starts) - 1
    best = learner.get("attributes", {}).get("best_iteration")
    if best is not None:
        # The saved booster keeps the trees after the best iteration; what was validated does not use them.
        rounds = min(rounds, int(best) + 1)
    kept = int(starts[rounds]) if rounds > 0 else 0
    if not 0 < kept <= len(trees):
        refuse(f"{kept} of {len(trees)} trees up to its best iteration")
    return {"rounds": rounds, "kept": kept}


def even_rounds(learner: dict[str, Any], content: dict[str, Any]) -> list[int]:
    """Where the rounds start in models that were saved before XGBoost wrote it down."""
    classes = max(1, int(learner["learner_model_param"]["num_class"]))
    step = classes * max(1, int(content["gbtree_model_param"].get("num_parallel_tree", 1)))
    return list(range(0, len(content["trees"]) + 1, step))


def read_nodes(model: Path, facts: dict[str, Any]) -> dict[str, np.ndarray]:
    """The nodes of the kept trees as Treelite reads them, concatenated; `sizes` says how many each has."""
    import treelite

    try:
        if facts["weights"] is None:
            forest = treelite.frontend.load_xgboost_model(model)
        else:
            forest = treelite.frontend.from_xgboost_json(without_weights(model))
    except treelite.TreeliteError as error:
        refuse(f"Treelite does not read it: {first_line(error)}")
    outputs = np.asarray(forest.get_header_accessor().get_field("class_id"), np.int64)
    parts = [tree_arrays(forest.get_tree_accessor(index)) for index in range(facts["kept"])]
    for index, part in enumerate(parts if facts["weights"] else []):
        base = np.float32(facts["base_score"][outputs[index]])
        part["leaf_value"] = weighted(part["leaf_value"], facts["weights"][index], base)
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {**arrays, "outputs": outputs[: facts["kept"]]}


def without_weights(model: Path) -> bytes:
    """A DART model as the plain gbtree model that it holds, its trees not yet weighted."""
    document = json.loads(model.read_bytes())
    learner = document["learner"]
    learner["gradient_booster"] = learner["gradient_booster"]["gbtree"]
    return json.dumps(document).encode()


def weighted(leaf: np.ndarray, weight: float, base: np.float32) -> np.ndarray:
    """What a DART tree adds in XGBoost's inplace_predict, step by step in float32.

    It predicts each tree from the base score, takes the base score off again, and multiplies by the weight. The detour
    rounds; Booster.predict does not take it, so XGBoost's two answers differ by some 5e-7.
    """
    return np.asarray(np.float32(weight) * ((base + leaf) - base), np.float32)


def tree_arrays(tree: Any) -> dict[str, np.ndarray]:
    """One tree's fields; refuses tests that the blob does not know."""
    fields = {name: tree.get_field(name) for name in (*NODE_FIELDS, *CATEGORY_FIELDS)}
    split = fields["cleft"] >= 0
    counts = (fields["category_list_end"] - fields["category_list_begin"]).astype(np.int64)
    categorical = split & (tree.get_field("node_type") == 2)
    if (fields.pop("cmp")[split & ~categorical] != LESS_THAN).any():
        refuse("a test that is not 'less than'")
    if not tree.get_field("category_list_right_child")[categorical].all():
        refuse("a list of categories that goes left")
    if not len(fields["sum_hess"]):
        fields["sum_hess"] = np.full(len(split), math.nan)
    fields.pop("category_list_begin"), fields.pop("category_list_end")
    fields["category_counts"] = np.where(categorical, counts, -1)
    fields["sizes"] = np.array([len(split)], np.int64)
    return fields


def first_line(error: Exception) -> str:
    """What a C++ reader says, without the time and place in its source that it puts in front."""
    return re.sub(r"^\[[\d:]+\] \S+: ", "", (str(error).splitlines() or [""])[0])[:200]


def refuse(reason: str) -> NoReturn:
    """Ends the process with the reason, which the parent shows."""
    print(reason, file=sys.stderr)  # noqa: T201
    sys.exit(3)


if __name__ == "__main__":
    main(sys.argv[1:])
