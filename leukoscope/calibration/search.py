"""Which range method, and which layers go back to float: found on the set's ranges and search parts alone."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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

GREATEST_DEVIATION, LEAST_SHARE = 0.03, 0.9
"""Layers go back also while the worst output deviates by more than this, as long as this share of the work stays in INT8."""
BLAMED = 5
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
    trial = _Trial(model, layers, ranged.ranges, reference, holds, workspace, key)
    steps: list[Mapping[str, Any]] = []
    for count, following in pairwise((*_counts(len(layers)), None)):
        returned = tuple(one.layer for one in ranking[:count])
        more = None if following is None else [one.layer for one in ranking[:following]]
        goes_on = more is not None and trial.share(more) >= LEAST_SHARE
        step = trial.step(returned, may_go_on=goes_on)
        steps.append(step)
        progress.note(_in_words(network, step))
        if step["outcome"] not in ("failed", "deviates"):
            found = (ranged.method, ranged.ranges, returned, ranged.methods)
            return Found(*found, ranking, tuple(steps), trial.share(returned))
    worst = ", ".join(one.layer for one in ranking[:BLAMED])
    raise GateError(
        f"{network}: no INT8 graph keeps the budget on the search part, not even with {count} of {len(layers)} layers "
        f"in float: still over it {', '.join(step['failed'])}; layers that deviate most: {worst}",
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


@dataclass(frozen=True)
class _Trial:
    """Graphs with some layers in float, tried on the search part."""

    model: onnx.ModelProto
    layers: Sequence[Layer]
    ranges: Mapping[str, float]
    reference: Reference
    holds: Callable[[onnx.ModelProto], Verdict]
    workspace: Workspace
    key: str

    def share(self, returned: Collection[str]) -> float:
        """Of the multiply-adds that stay in INT8."""
        kept = [layer.name for layer in self.layers if layer.name not in returned]
        return share_of_work(self.layers, kept)

    def step(self, returned: Collection[str], *, may_go_on: bool) -> Mapping[str, Any]:
        """How the graph does. Where it deviates much and more layers may go back, nobody need judge it."""
        place = f"{self.key}/step/{len(returned)}"
        known: Mapping[str, Any] | None = self.workspace.recall(place)
        if known is None:
            known = self._tried(returned, may_go_on=may_go_on)
            self.workspace.keep(place, known)
        return known

    def _tried(self, returned: Collection[str], *, may_go_on: bool) -> Mapping[str, Any]:
        kept = [layer for layer in self.layers if layer.name not in returned]
        graph = quantize(self.model, kept, self.ranges)
        deviation = self.reference.deviation(graph)
        step = {"returned": len(returned), "output": deviation.output, "cam": deviation.cam}
        if deviation.output > GREATEST_DEVIATION and may_go_on:
            return {**step, "outcome": "deviates"}
        verdict = self.holds(graph)
        failed = {check.name: check.drop for check in verdict.failed}
        judged = {"outcome": verdict.outcome, "n": verdict.n, "flips": verdict.flips}
        return {**step, **judged, "failed": failed}


def _counts(layers: int) -> Iterator[int]:
    """How many layers are given back: none, one, two, then half as many again each time, up to half of them."""
    count = 0
    while count <= layers // 2:
        yield count
        count = max(count + 1, count * 3 // 2)


def _in_words(network: str, step: Mapping[str, Any]) -> str:
    head = f"{network}: with {step['returned']} layers in float "
    if step["outcome"] == "deviates":
        return f"{head}an output deviates by {step['output']:.3f}; more layers go back"
    failed = ", ".join(f"{name} by {drop:.4f}" for name, drop in step["failed"].items())
    word = f"over the budget ({failed})" if failed else "within the budgets"
    return f"{head}{word}, {step['flips']} of {step['n']} votes changed"


def _some(squares: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """At most `count` of them, evenly."""
    step = max(1, -(-len(squares) // count))
    return squares[::step]
