"""One network on its calibration set: from the float graph to the graph that is to be judged."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import onnx

from leukoscope.bundle.read import Bundle
from leukoscope.calibration.candidate import stage
from leukoscope.calibration.chosen import CalibrationSet
from leukoscope.calibration.half import half_risks, half_tensors, to_half
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.lint import check
from leukoscope.calibration.order import Order
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import greatest_of
from leukoscope.calibration.record import NetworkInputs, NetworkRecord, differences
from leukoscope.calibration.search import Found, search
from leukoscope.calibration.squares import squares_of
from leukoscope.calibration.workspace import Workspace, digest
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.verdict import Verdict, gate
from leukoscope.runtime.judge import judge

HALF_IMAGES = 32
"""At most, of the ranges part, on which the values of all tensors are looked at before they become half."""


@dataclass(frozen=True)
class Prepared:
    """A graph that nobody has judged yet, and how it came about."""

    chosen: CalibrationSet
    graph: bytes
    record: NetworkRecord | None
    """None for FP16, which has no ranges."""


def prepare(
    bundle: Bundle,
    chosen: CalibrationSet,
    inputs: NetworkInputs,
    known: NetworkRecord | None,
    order: Order,
    workspace: Workspace,
    progress: Progress = Silent(),  # noqa: B008
) -> Prepared:
    """Makes the variant. `known` is what calibration.json has of this network: taken again where nothing changed.

    Raises GateError where the graph breaks a rule of TensorRT's, or no graph keeps the budgets on the search part.
    """
    network = chosen.network
    model = onnx.load_model_from_string(bundle.graph(network, "fp32"))
    variant, record = model, None
    if order.precision != "fp16":
        record = _reused(known, inputs, order.budgets, network, progress)
        record = record or _searched(bundle, model, chosen, inputs, order, workspace, progress)
        kept = [layer for layer in find_layers(model) if layer.name not in record.returned]
        variant = quantize(model, kept, record.ranges)
    if order.precision != "int8":
        variant = to_half(variant, _risky(bundle, model, chosen, order, progress))
    check(variant, f"{network}.{order.precision}.onnx")
    return Prepared(chosen, variant.SerializeToString(), record)


def _risky(
    bundle: Bundle,
    model: onnx.ModelProto,
    chosen: CalibrationSet,
    order: Order,
    progress: Progress,
) -> tuple[str, ...]:
    """Tensors of the float graph whose values on some images of the set are too great for half."""
    some = chosen.ranges[:: -(-len(chosen.ranges) // HALF_IMAGES)]
    squares = squares_of(bundle, chosen.network, some, order.settings, progress)
    greatest = greatest_of(model, half_tensors(model), squares, order.threads, progress)
    return half_risks(model, greatest)


def _reused(
    known: NetworkRecord | None,
    inputs: NetworkInputs,
    budgets: Budgets,
    network: str,
    progress: Progress,
) -> NetworkRecord | None:
    if known is None:
        return None
    changes = differences(known, inputs, parts=("ranges", "search"))
    if known.search.get("budgets") != asdict(budgets):
        changes = (*changes, "the budgets changed")
    if changes:
        progress.note(f"{network}: calibrates again: {', '.join(changes)}")
        return None
    progress.note(f"{network}: nothing changed; takes the ranges and layers on record")
    made = {name: getattr(known, name) for name in ("method", "ranges", "returned", "search")}
    return NetworkRecord(**vars(inputs), **made)


def _searched(
    bundle: Bundle,
    model: onnx.ModelProto,
    chosen: CalibrationSet,
    inputs: NetworkInputs,
    order: Order,
    workspace: Workspace,
    progress: Progress,
) -> NetworkRecord:
    found = search(
        chosen.network,
        model,
        lambda: squares_of(bundle, chosen.network, chosen.ranges, order.settings, progress),
        lambda: squares_of(bundle, chosen.network, chosen.search, order.settings, progress),
        lambda graph: _on_search_part(bundle, graph, chosen, order, workspace, progress),
        workspace,
        f"{chosen.network}/{digest(_key(inputs, order))}",
        order.threads,
        progress,
    )
    return _record(inputs, found, order.budgets)


def _on_search_part(
    bundle: Bundle,
    graph: onnx.ModelProto,
    chosen: CalibrationSet,
    order: Order,
    workspace: Workspace,
    progress: Progress,
) -> Verdict:
    data = {chosen.network: graph.SerializeToString()}
    staged = stage(bundle, data, "int8", {}, workspace.root / "tried")
    items = chosen.items("search")
    settings = replace(order.settings, precision="int8")
    judged = judge(staged, chosen.network, items, settings, find_cells=False, progress=progress)
    return gate(judged, "int8", order.budgets)


def _key(inputs: NetworkInputs, order: Order) -> Mapping[str, object]:
    """All that ranges and layers follow from."""
    return {
        "images": [
            [one.sha256, one.label, one.part] for one in inputs.images if one.part != "gate"
        ],
        "contract": inputs.contract_sha256,
        "graph": inputs.graph_sha256,
        "budgets": vars(order.budgets),
    }


def _record(inputs: NetworkInputs, found: Found, budgets: Budgets) -> NetworkRecord:
    return NetworkRecord(
        **vars(inputs),
        method=found.method,
        ranges=found.ranges,
        returned=found.returned,
        search={**found.to_json(), "budgets": asdict(budgets)},
    )
