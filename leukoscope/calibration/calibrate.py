"""`calibrate`: a small variant of each network that there are images for, proved by the gate before it is in the bundle."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import Manifest
from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.calibration.candidate import (
    labelled_items,
    stage,
    variant_file,
    with_variant,
    without_variant,
)
from leukoscope.calibration.chosen import CalibrationSet, choose_set
from leukoscope.calibration.offers import Offer, read_offers
from leukoscope.calibration.order import Order
from leukoscope.calibration.prepare import Prepared, prepare
from leukoscope.calibration.record import FILE, NetworkRecord, Record, inputs_of
from leukoscope.calibration.workspace import Workspace
from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.gate.unlabelled import judge_unlabelled, read_unlabelled
from leukoscope.runtime.gate.verdict import Verdict, gate
from leukoscope.runtime.judge import Judged, judge
from leukoscope.runtime.report import facts, page
from leukoscope.runtime.report.study import study_of

PAGE, FACTS = "validation.html", "validation.json"
BLAMED = 5


@dataclass(frozen=True)
class Calibrated:
    """What came of a call."""

    verdicts: Mapping[str, Verdict]
    """By network."""
    written: tuple[str, ...]
    """Networks whose variant is in the bundle now."""
    page: Path
    """The report: in the bundle, or beside it where nothing was written."""
    int8_share: Mapping[str, float]
    """Of the multiply-adds, by network; absent for FP16."""
    size_bytes: Mapping[str, tuple[int, int]]
    """Of the float graph's file and of the variant's, by network."""
    blamed: Mapping[str, tuple[str, ...]]
    """Layers that deviate most of those in INT8, by network; absent for FP16."""


def calibrate(order: Order, progress: Progress = Silent()) -> Calibrated:  # noqa: B008
    """Makes, judges and, if it passes, writes the variant of each network that the data are for.

    The bundle is exchanged at the end, whole or not at all; what was worked out on the way is kept beside it until
    then. Raises InputError, UsageError, and GateError where no graph can be made that keeps the budgets on the search part.
    """
    bundle = open_bundle(order.bundle)
    if bundle.signed and not order.drop_signature:
        raise InputError(f"{order.bundle} is signed", next_step="--drop-signature writes to it")
    sets = _sets(bundle, order, progress)
    known = _record(bundle)
    with Workspace(order.bundle.resolve()) as workspace:
        prepared = {
            network: _prepare(bundle, chosen, known, order, workspace, progress)
            for network, chosen in sets.items()
        }
        return _judge_and_write(bundle, prepared, known, order, workspace, progress)


def _sets(bundle: Bundle, order: Order, progress: Progress) -> dict[str, CalibrationSet]:
    offers = read_offers(bundle, order.data, order.label_map, progress)
    judges: Mapping[str, tuple[Offer, ...]] | None = None
    if order.gate_data:
        judges = read_offers(
            bundle, order.gate_data, order.label_map, progress, option="--gate-data"
        )
    for network in offers:
        _check_trained(bundle, network, order)
    return {
        network: choose_set(
            bundle,
            network,
            own,
            None if judges is None else judges.get(network, ()),
            images=order.images,
            seed=order.seed,
            progress=progress,
        )
        for network, own in offers.items()
    }


def _check_trained(bundle: Bundle, network: str, order: Order) -> None:
    if not bundle.network(network).trained and not order.allow_untrained:
        raise InputError(
            f"{network} in {bundle.root} has random weights: there is nothing to keep",
            wanted="a trained network",
            next_step="give --allow-untrained if you only want the timing",
        )


def _record(bundle: Bundle) -> dict[str, NetworkRecord]:
    if FILE not in bundle.manifest.files:
        return {}
    return dict(Record.from_bytes(bundle.read_bytes(FILE), str(bundle.root / FILE)).networks)


def _prepare(
    bundle: Bundle,
    chosen: CalibrationSet,
    record: Mapping[str, NetworkRecord],
    order: Order,
    workspace: Workspace,
    progress: Progress,
) -> Prepared:
    network = chosen.network
    entry = bundle.network(network)
    graph = bundle.manifest.files[bundle.variant(network, "fp32").file]
    inputs = inputs_of(chosen, Contract.from_json(entry.contract).digest(), graph.sha256)
    return prepare(bundle, chosen, inputs, record.get(network), order, workspace, progress)


def _judge_and_write(
    bundle: Bundle,
    prepared: Mapping[str, Prepared],
    known: Mapping[str, NetworkRecord],
    order: Order,
    workspace: Workspace,
    progress: Progress,
) -> Calibrated:
    graphs = {network: one.graph for network, one in prepared.items()}
    files = _record_file(known, prepared, prepared)
    staged = stage(bundle, graphs, order.precision, files, workspace.root / "candidate")
    judged = [_judge(staged, one.chosen, order, progress) for one in prepared.values()]
    verdicts = {
        one.network: _verdict(staged, one, prepared[one.network].chosen, order, progress)
        for one in judged
    }
    report = _report(staged, judged, verdicts, order, progress)
    ships = tuple(network for network, verdict in verdicts.items() if _ships(verdict, order))
    done = Calibrated(
        verdicts,
        ships,
        (order.bundle if ships else workspace.root) / PAGE,
        _shares(prepared),
        {n: _sizes(staged, n, order.precision) for n in prepared},
        _blamed(prepared),
    )
    if not ships:
        for name, content in report.items():
            (workspace.root / name).write_bytes(content)
        return done
    shipping = {network: verdicts[network] for network in ships}
    files = {**_record_file(known, prepared, ships), **report}
    _write(bundle, shipping, files, graphs, order, _outdated(bundle, known, prepared, order, ships))
    if len(ships) == len(prepared):
        workspace.remove()
    return done


def _record_file(
    known: Mapping[str, NetworkRecord], prepared: Mapping[str, Prepared], ships: Collection[str]
) -> dict[str, bytes]:
    """calibration.json with the new records of the networks that ship."""
    new = {name: prepared[name].record for name in ships}
    networks = {**known, **{name: record for name, record in new.items() if record is not None}}
    return {FILE: Record(networks).to_bytes()} if networks else {}


def _judge(staged: Bundle, chosen: CalibrationSet, order: Order, progress: Progress) -> Judged:
    return judge(
        staged,
        chosen.network,
        labelled_items(chosen.gate, chosen.offers),
        order.settings,
        groups_inferred=any(offer.images.groups_inferred for offer in chosen.offers),
        progress=progress,
    )


def _verdict(
    staged: Bundle, judged: Judged, chosen: CalibrationSet, order: Order, progress: Progress
) -> Verdict:
    fields = None
    if order.unlabelled:
        fields = judge_unlabelled(
            staged,
            judged.network,
            [read_unlabelled(folder) for folder in order.unlabelled],
            replace(order.settings, precision=order.precision),
            beside=[offer.images.root for offer in chosen.offers],
            progress=progress,
        )
    return gate(judged, order.precision, order.budgets, unlabelled=fields, strict=order.strict)


def _ships(verdict: Verdict, order: Order) -> bool:
    if verdict.outcome == "failed":
        return order.force
    return verdict.outcome == "passed" or order.accept_undecided or order.force


def _gate_entry(verdict: Verdict, order: Order) -> dict[str, Any]:
    undecided = verdict.outcome == "undecided"
    return {
        **verdict.to_json(),
        "accepted_undecided": undecided and order.accept_undecided,
        "forced": verdict.outcome == "failed" or (undecided and not order.accept_undecided),
    }


def _report(
    staged: Bundle,
    judged: Sequence[Judged],
    verdicts: Mapping[str, Verdict],
    order: Order,
    progress: Progress,
) -> dict[str, bytes]:
    study = study_of(
        staged,
        judged,
        {network: {order.precision: verdict} for network, verdict in verdicts.items()},
        order.settings,
        created=date.today().isoformat(),
        name=order.bundle.resolve().name,
        data=[*order.data, *order.gate_data, *map(str, order.unlabelled)],
        progress=progress,
    )
    return {PAGE: page.html(study).encode(), FACTS: facts.to_bytes(study)}


def _outdated(
    bundle: Bundle,
    known: Mapping[str, NetworkRecord],
    prepared: Mapping[str, Prepared],
    order: Order,
    ships: Collection[str],
) -> dict[str, str]:
    """Network -> its other INT8 variant, where that was made of ranges that calibration.json will not hold any more."""
    other = {"int8": "int8_fp16", "int8_fp16": "int8"}.get(order.precision, "")
    found = {}
    for name in ships:
        old, new = known.get(name), prepared[name].record
        moved = old is not None and new is not None and old.ranges != new.ranges
        if moved and other in bundle.network(name).variants:
            found[name] = other
    return found


def _write(
    bundle: Bundle,
    verdicts: Mapping[str, Verdict],
    files: Mapping[str, bytes],
    graphs: Mapping[str, bytes],
    order: Order,
    outdated: Mapping[str, str],
) -> None:
    golden = _golden(bundle, {network: graphs[network] for network in verdicts}, order)
    variants = {variant_file(n, order.precision): graphs[n] for n in verdicts}

    def change(manifest: Manifest) -> Manifest:
        for network, other in outdated.items():
            manifest = without_variant(manifest, network, other)
        for network, verdict in verdicts.items():
            entry = _gate_entry(verdict, order)
            manifest = with_variant(manifest, network, order.precision, entry)
        return manifest

    everything = {**variants, **files, **golden}
    extend_bundle(
        order.bundle,
        change,
        everything,
        drop=[variant_file(network, other) for network, other in outdated.items()],
        drop_signature=order.drop_signature,
    )


def _golden(bundle: Bundle, graphs: Mapping[str, bytes], order: Order) -> dict[str, bytes]:
    """golden.npz with what the new graphs give for the frames that are in it; nothing where the bundle has none."""
    entry, arrays = bundle.manifest.golden, bundle.golden()
    if entry is None or arrays is None:
        return {}
    for network, graph in graphs.items():
        arrays |= _golden_outputs(network, graph, arrays[f"{network}/frames"], order)
    return {entry.file: golden_bytes(arrays)}


def _golden_outputs(
    network: str, graph: bytes, frames: NDArray[Any], order: Order
) -> dict[str, NDArray[Any]]:
    name = variant_file(network, order.precision)
    outputs = open_onnxruntime(graph, name, order.precision, backend=CPU).infer(frames)
    return {f"{network}/{order.precision}/{key}": np.asarray(a) for key, a in outputs.items()}


def _shares(prepared: Mapping[str, Prepared]) -> dict[str, float]:
    return {
        network: float(one.record.search["int8_share"])
        for network, one in prepared.items()
        if one.record is not None
    }


def _blamed(prepared: Mapping[str, Prepared]) -> dict[str, tuple[str, ...]]:
    found = {}
    for network, one in prepared.items():
        if one.record is not None:
            ranking = [row["layer"] for row in one.record.search["sensitivity"]]
            kept = [layer for layer in ranking if layer not in one.record.returned]
            found[network] = tuple(kept[:BLAMED])
    return found


def _sizes(staged: Bundle, network: str, precision: str) -> tuple[int, int]:
    files = staged.manifest.files
    return (
        files[staged.variant(network, "fp32").file].size_bytes,
        files[staged.variant(network, precision).file].size_bytes,
    )
