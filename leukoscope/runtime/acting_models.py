"""What judges in a run, as the bundle says of itself: kept with the results, which outlive the bundle."""

from typing import Any

from leukoscope.bundle.manifest import TreesEntry
from leukoscope.bundle.read import Bundle
from leukoscope.runtime.engine import FIELD_NETWORK, Engine
from leukoscope.runtime.pipeline import Pipeline

LONG = ("epochs",)
"""Of a network's metrics the course of its training: many numbers that say nothing of the end."""


def acting_models(bundle: Bundle, pipeline: Pipeline) -> dict[str, Any]:
    """Plain JSON values: by network what runs and how it was judged, and who votes."""
    trees = pipeline.cast_votes.trees
    head = "head" if FIELD_NETWORK in pipeline.engines else None
    return {
        "networks": {name: _network(bundle, one) for name, one in pipeline.engines.items()},
        "voter": head if trees is None else "trees",
        "trees": None if trees is None else _trees(bundle.manifest.trees),
    }


def _network(bundle: Bundle, engine: Engine) -> dict[str, Any]:
    entry = bundle.network(engine.network)
    precision = engine.backend.precision
    metrics = entry.provenance.get("metrics")
    known = metrics if isinstance(metrics, dict) else {}
    return {
        "size": entry.size,
        "parameters": entry.parameters,
        "trained": entry.trained,
        "precision": precision,
        "backend": engine.backend.name,
        "gate": entry.variants[precision].gate,
        "metrics": {name: value for name, value in known.items() if name not in LONG},
        "checkpoint_sha256": entry.provenance.get("checkpoint_sha256"),
    }


def _trees(entry: TreesEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {"trees": entry.trees, "temperature": entry.temperature}
