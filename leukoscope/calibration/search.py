"""Which range method, and which layers go back to float: found on the set's ranges and search parts alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from leukoscope.calibration.deviation import Reference
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.layers import Layer, find_layers, share_of_work
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import METHODS, Observed, observe, ranges_by
from leukoscope.calibration.sensitivity import Sensitivity, measure, noise_of
from leukoscope.calibration.workspace import Workspace
from leukoscope.errors import GateError
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.gate.verdict import Verdict

METHOD_SQUARES, LAYER_SQUARES = 48, 16
"""Of the search part, on which range methods and single layers are compared, evenly over its images."""


@dataclass(frozen=True)
class Found:
    """How the INT8 variant of one network is made."""

    method: str
    ranges: Mapping[str, float]
    returned: tuple[str, ...]
    """Layers that stay in float, most harmful first."""
    methods: Mapping[str, Sequence[float]]
    """Deviation of output and maps with all layers in INT8, by range method."""
    sensitivities: tuple[Sensitivity, ...]
    steps: tuple[Mapping[str, Any], ...]
    """What was tried on the search part."""
    int8_share: float
    """Of the multiply-adds of all layers."""

    def to_json(self) -> dict[str, Any]:
        """The `search` of calibration.json."""
        return {
            "methods": {
                name: {"output": pair[0], "cam": pair[1]} for name, pair in self.methods.items()
            },
            "sensitivity": [one.to_json() for one in self.sensitivities],
            "steps": [dict(step) for step in self.steps],
            "int8_share": self.int8_share,
        }


@dataclass(frozen=True)
class Ranged:
    """Ranges by the method that deviates least."""

    method: str
    ranges: Mapping[str, float]
    methods: Mapping[str, Sequence[float]]
    noise: Mapping[str, float]


def search(
    network: str,
    model: onnx.ModelProto,
    ranges_squares: Callable[[], NDArray[np.uint8]],
    search_squares: Callable[[], NDArray[np.uint8]],
    holds: Callable[[onnx.ModelProto], Verdict],
    workspace: Workspace,
    key: str,
    threads: int | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> Found:
    """Chooses method and layers; every step is kept in `workspace` under `key`.

    `holds` judges a quantized graph on the search part. GateError where not
    even a graph with few layers in INT8 keeps the budget.
    """
    layers = find_layers(model)
    squares = search_squares()
    reference = Reference(network, model, _some(squares, METHOD_SQUARES), threads)
    ranged = _ranged(model, layers, ranges_squares, reference, workspace, key, threads, progress)
    few = Reference(network, model, _some(squares, LAYER_SQUARES), threads)
    ranking = measure(model, layers, ranged.noise, ranged.ranges, few, workspace, key, progress)
    steps: list[Mapping[str, Any]] = []
    for count in _counts(len(layers)):
        returned = tuple(one.layer for one in ranking[:count])
        kept = [layer for layer in layers if layer.name not in returned]
        step = workspace.recall(f"{key}/step/{count}")
        if step is None:
            step = _step(count, holds(quantize(model, kept, ranged.ranges)))
            workspace.keep(f"{key}/step/{count}", step)
        steps.append(step)
        progress.note(_in_words(network, step))
        if step["outcome"] != "failed":
            share = share_of_work(layers, [layer.name for layer in kept])
            found = (ranged.method, ranged.ranges, returned, ranged.methods)
            return Found(*found, ranking, tuple(steps), share)
    raise GateError(
        f"{network}: no INT8 graph keeps the budget on the search part, not even with half of its layers in float",
        wanted="images like those that the network was trained for",
        next_step="--precision fp16, or larger budgets",
    )


def _ranged(
    model: onnx.ModelProto,
    layers: Sequence[Layer],
    squares: Callable[[], NDArray[np.uint8]],
    reference: Reference,
    workspace: Workspace,
    key: str,
    threads: int | None,
    progress: Progress,
) -> Ranged:
    known = workspace.recall(f"{key}/ranges")
    if known is None:
        tensors = place(index_graph(model.graph), layers).tensors
        observed = observe(model, tensors, squares(), threads, progress)
        known = _best(model, layers, observed, reference, progress)
        workspace.keep(f"{key}/ranges", known)
    return Ranged(**known)


def _best(
    model: onnx.ModelProto,
    layers: Sequence[Layer],
    observed: Observed,
    reference: Reference,
    progress: Progress,
) -> dict[str, Any]:
    found: dict[str, Sequence[float]] = {}
    by_method = {method: ranges_by(method, observed) for method in METHODS}
    for method, ranges in progress.track(by_method.items(), "range methods", len(by_method)):
        deviation = reference.deviation(quantize(model, layers, ranges))
        found[method] = (deviation.output, deviation.cam)
    method = min(found, key=lambda name: sum(found[name]))
    ranges = by_method[method]
    noise = {layer.name: noise_of(model, layer, observed, ranges) for layer in layers}
    return {"method": method, "ranges": ranges, "methods": found, "noise": noise}


def _counts(layers: int) -> Iterator[int]:
    """How many layers are given back: none, one, two, then half as many again each time, up to half of them."""
    count = 0
    while count <= layers // 2:
        yield count
        count = max(count + 1, count * 3 // 2)


def _step(count: int, verdict: Verdict) -> dict[str, Any]:
    return {
        "returned": count,
        "outcome": verdict.outcome,
        "n": verdict.n,
        "flips": verdict.flips,
        "failed": {check.name: check.drop for check in verdict.failed},
    }


def _in_words(network: str, step: Mapping[str, Any]) -> str:
    failed = ", ".join(f"{name} by {drop:.4f}" for name, drop in step["failed"].items())
    word = f"over the budget ({failed})" if failed else "within the budgets"
    return (
        f"{network}: with {step['returned']} layers in float {word}, "
        f"{step['flips']} of {step['n']} votes changed"
    )


def _some(squares: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """At most `count` of them, evenly."""
    step = max(1, -(-len(squares) // count))
    return squares[::step]
