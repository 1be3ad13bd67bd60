"""Writing what the gate let through: variants, record, report and golden outputs, in one exchange of the bundle."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import Manifest
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.calibration.calibration_colours import calibration_colours, with_calibration_colours
from leukoscope.calibration.candidate import variant_file, with_variant, without_variant
from leukoscope.calibration.order import Order
from leukoscope.calibration.prepare import Prepared
from leukoscope.calibration.record import FILE, NetworkRecord, Record
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.gate.verdict import Verdict

OTHER_INT8 = {"int8": "int8_fp16", "int8_fp16": "int8"}


def known_records(bundle: Bundle) -> dict[str, NetworkRecord]:
    """What calibration.json says, by network; InputError where it is broken."""
    if FILE not in bundle.manifest.files:
        return {}
    return dict(Record.from_bytes(bundle.read_bytes(FILE), str(bundle.root / FILE)).networks)


def record_file(
    known: Mapping[str, NetworkRecord], prepared: Mapping[str, Prepared], ships: Collection[str]
) -> dict[str, bytes]:
    """calibration.json with the new records of the networks that ship; nothing where there is none to write."""
    new = {name: prepared[name].record for name in ships}
    networks = {**known, **{name: record for name, record in new.items() if record is not None}}
    return {FILE: Record(networks).to_bytes()} if networks else {}


def may_ship(verdict: Verdict, order: Order) -> bool:
    """Whether it passed, or the user said out loud that it need not: of each outcome in its own words."""
    said = {"passed": True, "undecided": order.accept_undecided, "failed": order.force}
    return said[verdict.outcome]


def ship(
    bundle: Bundle,
    prepared: Mapping[str, Prepared],
    verdicts: Mapping[str, Verdict],
    files: Mapping[str, bytes],
    outdated: Mapping[str, str],
    order: Order,
) -> None:
    """Writes the variants of the networks in `verdicts`, and `files`; drops the `outdated` ones (network -> variant)."""
    graphs = {network: prepared[network].graph for network in verdicts}
    colours = {network: calibration_colours(prepared[network].chosen) for network in verdicts}

    def change(manifest: Manifest) -> Manifest:
        for network, other in outdated.items():
            manifest = without_variant(manifest, network, other)
        for network, verdict in verdicts.items():
            entry = _gate_entry(verdict)
            manifest = with_variant(manifest, network, order.precision, entry)
            manifest = with_calibration_colours(manifest, network, colours[network])
        return manifest

    variants = {variant_file(name, order.precision): graph for name, graph in graphs.items()}
    extend_bundle(
        order.bundle,
        change,
        {**variants, **files, **_golden(bundle, graphs, outdated, order.precision)},
        drop=[variant_file(network, other) for network, other in outdated.items()],
        drop_signature=order.drop_signature,
    )


def outdated_by(
    bundle: Bundle,
    known: Mapping[str, NetworkRecord],
    prepared: Mapping[str, Prepared],
    precision: str,
) -> dict[str, str]:
    """Network -> its other INT8 form, where that was made of ranges that calibration.json will not hold any more."""
    other = OTHER_INT8.get(precision, "")
    found = {}
    for name, one in prepared.items():
        old, new = known.get(name), one.record
        moved = old is not None and new is not None and old.ranges != new.ranges
        if moved and other in bundle.network(name).variants:
            found[name] = other
    return found


def _gate_entry(verdict: Verdict) -> dict[str, Any]:
    """Of a verdict that may ship."""
    return {
        **verdict.to_json(),
        "accepted_undecided": verdict.outcome == "undecided",
        "forced": verdict.outcome == "failed",
    }


def _golden(
    bundle: Bundle, graphs: Mapping[str, bytes], outdated: Mapping[str, str], precision: str
) -> dict[str, bytes]:
    """golden.npz with what the new graphs give for the frames that are in it; nothing where the bundle has none."""
    entry, arrays = bundle.manifest.golden, bundle.golden()
    if entry is None or arrays is None:
        return {}
    gone = tuple(f"{network}/{other}/" for network, other in outdated.items())
    kept = {key: array for key, array in arrays.items() if not key.startswith(gone)}
    for network, graph in graphs.items():
        kept |= _golden_outputs(network, precision, graph, arrays[f"{network}/frames"])
    return {entry.file: golden_bytes(kept)}


def _golden_outputs(
    network: str, precision: str, graph: bytes, frames: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    name = variant_file(network, precision)
    outputs = open_onnxruntime(graph, name, precision, backend=CPU).infer(frames)
    return {f"{network}/{precision}/{key}": np.asarray(a) for key, a in outputs.items()}
