"""The ways through boosted trees that benchmarks/trees.py compares: each a call that takes one prepared row.

A row is prepared outside the time that is taken. TL2cgen's code is called straight from ctypes, without its Predictor,
which would cost it another 0.2 ms.
"""

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import treelite
import xgboost
from onnx import TensorProto, helper

from leukoscope.bundle import tree_blob
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree, lay_out
from leukoscope.export import treelite_child
from leukoscope.export.tree_nodes import trees_of

Way = tuple[Callable[[Any], Any], list[Any]]
"""What is called, and the prepared rows."""
COMPILER = ["gcc", "-O1", "-shared", "-fPIC", "-w"]


def read_trees(model: Path) -> tuple[list[Tree], dict[str, Any]]:
    """The model's trees and facts, as export reads them."""
    facts = treelite_child.read_facts(model)
    return trees_of(treelite_child.read_nodes(model, facts), str(model)), facts


def open_blob(model: Path, layout: str | None = None) -> TreeBlob:
    """The model as trees.bin, in the layout that the rule chooses or the one given."""
    trees, facts = read_trees(model)
    kept = {name: facts[name] for name in ("objective", "features", "outputs", "base_score")}
    return TreeBlob.read(lay_out(trees, layout=layout, **kept))


def leukoscope(model: Path, x: np.ndarray, layout: str | None = None) -> Way:
    """What the runtime's tree stage calls."""
    if tree_blob.find_kernel() is None:
        raise ImportError("no tree kernel: pip install --editable . with a C compiler")
    return open_blob(model, layout).probabilities, _rows(x)


def leukoscope_nodes(model: Path, x: np.ndarray) -> Way:
    """The same kernel on the other layout."""
    return leukoscope(model, x, "nodes")


def inplace_predict(model: Path, x: np.ndarray) -> Way:
    """XGBoost's fast way, without a DMatrix."""
    booster = xgboost.Booster({"nthread": 1}, model_file=str(model))
    return booster.inplace_predict, _rows(x)


def predict_proba(model: Path, x: np.ndarray) -> Way:
    """XGBoost's scikit-learn face, as most people call it. ImportError without scikit-learn."""
    classifier = xgboost.XGBClassifier(n_jobs=1)
    classifier.load_model(model)
    return classifier.predict_proba, _rows(x)


def treelite_gtil(model: Path, x: np.ndarray) -> Way:
    """Treelite's own interpreter."""
    forest = treelite.frontend.load_xgboost_model(model)
    return lambda row: treelite.gtil.predict(forest, row, nthread=1), _rows(x)


def onnx_runtime(model: Path, x: np.ndarray) -> Way:
    """TreeEnsembleClassifier, one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    data = tree_ensemble(*read_trees(model)).SerializeToString()
    session = onnxruntime.InferenceSession(data, options, ["CPUExecutionProvider"])
    return lambda row: session.run(["probabilities"], {"x": row})[0], _rows(x)


def tl2cgen(model: Path, x: np.ndarray) -> Way:
    """The C code that TL2cgen writes, in 16 files, built with -O1. ImportError where TL2cgen is not installed."""
    import tl2cgen as generator

    folder = model.parent / "tl2cgen"
    forest = treelite.frontend.load_xgboost_model(model)
    generator.generate_c_code(forest, dirpath=folder, params={"parallel_comp": 16})
    sources = [str(path) for path in sorted(folder.glob("*.c"))]
    subprocess.run([*COMPILER, *sources, "-o", folder / "model.so", "-lm"], check=True)
    predict = ctypes.CDLL(str(folder / "model.so")).predict
    predict.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    out = np.zeros((1, 4), np.float32)
    to = out.ctypes.data

    def call(row: int) -> np.ndarray:
        out.fill(0)  # the code adds to what is there
        predict(row, 0, to)
        return out

    # An entry is a float, or the integer -1 where it is missing.
    entries = np.where(np.isnan(x), np.int32(-1), x.view(np.int32))
    call.keeps = entries  # type: ignore[attr-defined]
    return call, [entries[index].ctypes.data for index in range(len(x))]


def tree_ensemble(trees: list[Tree], facts: dict[str, Any]) -> Any:
    """The trees as one ONNX operator, softmax included."""
    nodes: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
        "truenodeids", "falsenodeids", "missing_value_tracks_true")}  # fmt: skip
    leaves: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, tree in enumerate(trees):
        split = tree.left > 0
        nodes["treeids"] += [number] * len(split)
        nodes["nodeids"] += range(len(split))
        nodes["featureids"] += tree.feature.tolist()
        nodes["values"] += np.where(split, tree.value, 0).tolist()
        nodes["modes"] += ["BRANCH_LT" if inner else "LEAF" for inner in split]
        nodes["truenodeids"] += tree.left.tolist()
        nodes["falsenodeids"] += (tree.left + split).tolist()
        nodes["missing_value_tracks_true"] += tree.default_left.astype(int).tolist()
        leaf = np.flatnonzero(~split)
        leaves["treeids"] += [number] * len(leaf)
        leaves["nodeids"] += leaf.tolist()
        leaves["ids"] += [tree.output] * len(leaf)
        leaves["weights"] += tree.value[leaf].tolist()
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "probabilities"], domain="ai.onnx.ml", post_transform="SOFTMAX",
        classlabels_int64s=list(range(facts["outputs"])), base_values=[float(b) for b in facts["base_score"]],
        **{f"nodes_{k}": v for k, v in nodes.items()}, **{f"class_{k}": v for k, v in leaves.items()},
    )  # fmt: skip
    rows = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", facts["features"]])
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", facts["outputs"]]),
    ]
    graph = helper.make_graph([node], "trees", [rows], outputs)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def _rows(x: np.ndarray) -> list[np.ndarray]:
    return [x[index : index + 1] for index in range(len(x))]


WAYS: dict[str, Callable[[Path, np.ndarray], Way]] = {
    "leukoscope": leukoscope,
    "leukoscope, nodes": leukoscope_nodes,
    "TL2cgen -O1": tl2cgen,
    "ONNX Runtime": onnx_runtime,
    "Treelite GTIL": treelite_gtil,
    "inplace_predict": inplace_predict,
    "predict_proba": predict_proba,
}
