"""From an XGBoost model to trees.bin, proved equal on the way.

    done = blob_from_xgboost(Path("trees.json"))            # TreeExport: .data, .entry("xincept_all"), .parity
    done = blob_from_xgboost(path, classes=("Benign", ...)) # where the model does not say its classes

The model is XGBoost JSON (`save_model("x.json")`). Our training leaves the booster's attribute `leukoscope`, a JSON
text {"classes": [...], "temperature": float, "features": int, ...}; without it the temperature is 1. What else the
attribute says (the checkpoint whose features were used, settings, figures) goes into the manifest as it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.manifest import TreesEntry
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.errors import InputError
from leukoscope.export.tree_child import Arrays, Limits, read_layout
from leukoscope.export.tree_nodes import trees_of
from leukoscope.export.tree_parity import TreeParity, prove
from leukoscope.images.hashes import sha256_of_file

PARITY_ROWS = 10_000
READ_HERE = ("classes", "temperature", "features")
"""What of the attribute decides how the trees vote; the rest is their history."""


@dataclass(frozen=True)
class TreeExport:
    """The blob's bytes, what it votes for, and the proof."""

    data: bytes
    blob: TreeBlob
    classes: tuple[str, ...]
    parity: TreeParity
    source_sha256: str
    history: Mapping[str, Any]
    """How the trees were made, as their attribute says; empty where it says nothing."""

    def entry(self, network: str, file: str = "trees.bin") -> TreesEntry:
        """The manifest's entry, for trees on the features of `network`."""
        return TreesEntry(
            file=file,
            network=network,
            features=self.blob.features,
            classes=self.classes,
            trees=self.blob.trees,
            layout=self.blob.layout,
            temperature=self.blob.temperature,
            parity=self.parity.to_json(),
            provenance={
                **self.history,
                "model_sha256": self.source_sha256,
                "objective": self.blob.objective,
            },
        )


@dataclass(frozen=True)
class _Note:
    """What the attribute says, or the caller in its place."""

    classes: tuple[str, ...]
    temperature: float
    history: Mapping[str, Any]


def blob_from_xgboost(
    model: Path,
    *,
    classes: Sequence[str] | None = None,
    layout: str | None = None,
    rows: int = PARITY_ROWS,
    seed: int = 0,
    limits: Limits | None = None,
) -> TreeExport:
    """Lays the model out and proves it on `rows` rows. binary:logistic, multi:softprob, multi:softmax; gbtree, dart.

    An early-stopped booster is cut after its best iteration. `layout` None lets the rule of the format choose.
    Raises InputError for a model that is not of these kinds, or crashes or hangs its readers (they run in a child
    process under `limits`); GateError if the blob's margins or probabilities are not XGBoost's.
    """
    limits = limits or Limits()
    arrays = read_layout(model, limits)
    facts = _facts(arrays, model)
    note = _note(facts, classes, model)
    trees = trees_of(arrays, str(model))
    data = lay_out(
        trees,
        objective=facts["objective"],
        features=facts["features"],
        outputs=facts["outputs"],
        base_score=facts["base_score"],
        temperature=note.temperature,
        layout=layout,
    )
    blob = TreeBlob.read(data, str(model))
    parity = prove(blob, trees, model, rows=rows, seed=seed, limits=limits)
    return TreeExport(data, blob, note.classes, parity, sha256_of_file(model), note.history)


def _facts(arrays: Arrays, model: Path) -> dict[str, Any]:
    facts: dict[str, Any] = parse_json(arrays["facts"].tobytes(), str(model))
    return facts


def _note(facts: dict[str, Any], classes: Sequence[str] | None, model: Path) -> _Note:
    """Classes and temperature; InputError if what the attribute says does not fit the trees."""
    stated = _attribute(facts["attribute"], model)
    names = tuple(stated.get("classes") or classes or ())
    count = 2 if facts["objective"] == "logistic" else facts["outputs"]
    if len(names) != count or len(set(names)) != count or (classes and tuple(classes) != names):
        found = f"{model} votes for {list(names)}"
        wanted = f"{count} classes" + (f", {list(classes)}" if classes else "")
        raise InputError(found, wanted=wanted, next_step="train the trees again")
    if stated.get("features", facts["features"]) != facts["features"]:
        found = f"{model} says {stated['features']} features"
        raise InputError(found, wanted=f"{facts['features']}, as its trees take")
    history = {key: value for key, value in stated.items() if key not in READ_HERE}
    return _Note(names, float(stated.get("temperature", 1.0)), history)


def _attribute(text: Any, model: Path) -> dict[str, Any]:
    if text is None:
        return {}
    value = parse_json(str(text).encode(), f"{model}: the attribute leukoscope")
    good = isinstance(value, dict) and isinstance(value.get("temperature", 1.0), (int, float))
    names = value.get("classes", []) if good else None
    good = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not good:
        found = f"{model}: the attribute leukoscope is {json.dumps(value)[:100]}"
        raise InputError(
            found, wanted='{"classes": [...], "temperature": number, "features": n, ...}'
        )
    return dict(value)
