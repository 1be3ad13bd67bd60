"""`calibrate`: a small variant of each network that there are images for, proved by the gate before it is in the bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.calibration.candidate import stage
from leukoscope.calibration.candidates import UNREADABLE
from leukoscope.calibration.chosen import CalibrationSet, choose_set
from leukoscope.calibration.offers import Offer, read_offers
from leukoscope.calibration.order import Order
from leukoscope.calibration.prepare import Prepared, prepare
from leukoscope.calibration.record import NetworkRecord, inputs_of
from leukoscope.calibration.reporting import PAGE, report_files
from leukoscope.calibration.shipping import (
    known_records,
    may_ship,
    outdated_by,
    record_file,
    ship,
)
from leukoscope.calibration.workspace import Workspace
from leukoscope.errors import GateError, InputError
from leukoscope.images.contract import Contract
from leukoscope.images.layouts import ImageSet
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.gate.admission import CAUSES
from leukoscope.runtime.gate.unlabelled import judge_unlabelled, read_unlabelled
from leukoscope.runtime.gate.verdict import Verdict, gate
from leukoscope.runtime.judge import Judged, judge

BLAMED = 5


@dataclass(frozen=True)
class Calibrated:
    """What came of a call."""

    verdicts: Mapping[str, Verdict]
    """By network."""
    written: tuple[str, ...]
    """Networks whose variant is in the bundle now."""
    page: Path | None
    """The report: in the bundle, or beside it where nothing was written. There is none where all were refused."""
    int8_share: Mapping[str, float]
    """Of the multiply-adds, by network; absent for FP16."""
    size_bytes: Mapping[str, tuple[int, int]]
    """Of the float graph's file and of the variant's, by network."""
    blamed: Mapping[str, tuple[str, ...]]
    """Layers that deviate most of those in INT8, by network; absent for FP16."""
    refused: Mapping[str, GateError]
    """Why there is no graph to judge, by network: none keeps the budgets on the search part, or TensorRT's rules."""
    unreadable: tuple[str, ...] = ()
    """Files of the data folders that could not be read, and were left out."""


def calibrate(order: Order, progress: Progress = Silent()) -> Calibrated:  # noqa: B008
    """Makes, judges and, if it passes, writes the variant of each network that the data are for.

    The bundle is exchanged at the end, whole or not at all; what was worked out on the way is kept beside it until
    then. Raises InputError and UsageError.
    """
    bundle = open_bundle(order.bundle)
    if bundle.signed and not order.drop_signature:
        raise InputError(f"{order.bundle} is signed", next_step="--drop-signature writes to it")
    unlabelled = [read_unlabelled(folder) for folder in order.unlabelled]
    sets = _sets(bundle, order, progress)
    known = known_records(bundle)
    with Workspace(order.bundle.resolve()) as workspace:
        prepared, refused = {}, {}
        for network, chosen in sets.items():
            try:
                prepared[network] = _prepare(bundle, chosen, known, order, workspace, progress)
            except GateError as cause:
                refused[network] = cause
        if not prepared:
            return Calibrated({}, (), None, {}, {}, {}, refused, _unreadable(sets))
        done = _judge_and_write(bundle, prepared, known, unlabelled, order, workspace, progress)
        if len(done.written) == len(sets):
            workspace.remove()
        return replace(done, refused=refused, unreadable=_unreadable(sets))


def _unreadable(sets: Mapping[str, CalibrationSet]) -> tuple[str, ...]:
    named = (name for chosen in sets.values() for name in chosen.left_out.get(UNREADABLE, ()))
    return tuple(dict.fromkeys(named))


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
    unlabelled: Sequence[ImageSet],
    order: Order,
    workspace: Workspace,
    progress: Progress,
) -> Calibrated:
    graphs = {network: one.graph for network, one in prepared.items()}
    files = record_file(known, prepared, prepared)
    staged = stage(bundle, graphs, order.precision, files, workspace.root / "candidate")
    judged = [_judge(staged, one.chosen, order, progress) for one in prepared.values()]
    verdicts = {
        one.network: _verdict(
            staged, one, prepared[one.network].chosen, unlabelled, order, progress
        )
        for one in judged
    }
    report = report_files(staged, prepared, judged, verdicts, order, progress)
    ships = tuple(network for network, verdict in verdicts.items() if may_ship(verdict, order))
    done = Calibrated(
        verdicts,
        ships,
        (order.bundle if ships else workspace.root) / PAGE,
        _shares(prepared),
        {n: _sizes(staged, n, order.precision) for n in prepared},
        _blamed(prepared),
        refused={},
    )
    if not ships:
        for name, content in report.items():
            (workspace.root / name).write_bytes(content)
        return done
    shipping = {network: prepared[network] for network in ships}
    outdated = outdated_by(bundle, known, shipping, order.precision)
    for network, other in outdated.items():
        progress.note(f"{network}: {other} was made of other ranges; it is dropped")
    files = {**record_file(known, prepared, ships), **report}
    ship(bundle, prepared, {name: verdicts[name] for name in ships}, files, outdated, order)
    return done


def _judge(staged: Bundle, chosen: CalibrationSet, order: Order, progress: Progress) -> Judged:
    """The gate part; what lay in the folders and may not judge is counted too."""
    judged = judge(
        staged,
        chosen.network,
        chosen.items("gate"),
        order.settings,
        groups_inferred=any(offer.images.groups_inferred for offer in chosen.offers),
        progress=progress,
    )
    counts = {cause: len(chosen.left_out.get(cause, ())) for cause in CAUSES}
    return replace(judged, left_out={cause: count for cause, count in counts.items() if count})


def _verdict(
    staged: Bundle,
    judged: Judged,
    chosen: CalibrationSet,
    unlabelled: Sequence[ImageSet],
    order: Order,
    progress: Progress,
) -> Verdict:
    fields = None
    if unlabelled:
        fields = judge_unlabelled(
            staged,
            judged.network,
            unlabelled,
            replace(order.settings, precision=order.precision),
            beside=[offer.images.root for offer in chosen.offers],
            progress=progress,
        )
    return gate(judged, order.precision, order.budgets, unlabelled=fields, strict=order.strict)


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
