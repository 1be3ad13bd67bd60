"""`export`: checkpoints and boosted trees become one bundle, proved on the way, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope import __version__
from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import GoldenEntry, Manifest, NetworkEntry, TreesEntry, Variant
from leukoscope.bundle.onnx_wire import GraphFacts, check_graph
from leukoscope.bundle.write import BundleWriter
from leukoscope.errors import InputError, UsageError
from leukoscope.export import golden
from leukoscope.export.frames import PARITY_SEED, Frames, painted_frames, real_frames
from leukoscope.export.graph import example_frames, onnx_graph
from leukoscope.export.operators import check_operators
from leukoscope.export.parity import LEAST_NOT_ZERO, Parity, check, measure
from leukoscope.export.reference import torch_outputs
from leukoscope.export.sources import Source, gather
from leukoscope.export.trees import TreeExport, blob_from_xgboost
from leukoscope.progress import Progress, Silent

VARIANT = "fp32"
GOLDEN_FILE, TREES_FILE = "golden.npz", "trees.bin"
PAINTED_FRAMES = 10


@dataclass(frozen=True)
class ExportedGraph:
    """One network's graph with its proof and its golden outputs."""

    entry: NetworkEntry
    data: bytes
    golden: Mapping[str, NDArray[Any]]


def export_bundle(
    checkpoints: Sequence[Path],
    trees: Path | None,
    output: Path,
    *,
    random_weights: Mapping[str, str] | None = None,
    seed: int = 1,
    parity_data: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Writes the bundle `output` and returns its path.

    `random_weights` maps networks to sizes that are exported untrained. `parity_data` is a data folder whose
    images join the painted frames of the proof. What is at `output` is replaced if it is a bundle, at the very
    end, and refused otherwise. Raises InputError and UsageError for what does not fit together, GateError where
    a proof fails; then nothing is written.
    """
    shown = progress or Silent()
    with BundleWriter(output) as writer:
        sources = gather(checkpoints, random_weights or {}, seed)
        voter = None if trees is None else _trees(trees, sources)
        graphs = {}
        for name, source in sources.items():
            graphs[name] = _export(source, parity_data, shown)
            writer.add(f"{name}.{VARIANT}.onnx", graphs[name].data)
        arrays = {key: a for graph in graphs.values() for key, a in graph.golden.items()}
        writer.add(GOLDEN_FILE, golden_bytes(arrays))
        if voter is not None:
            writer.add(TREES_FILE, voter[1])
        manifest = Manifest(
            created_by=f"leukoscope {__version__}",
            networks={name: graph.entry for name, graph in graphs.items()},
            trees=None if voter is None else voter[0],
            golden=GoldenEntry(GOLDEN_FILE, golden.FRAMES),
        )
        return writer.commit(manifest).root


def _export(source: Source, parity_data: Path | None, progress: Progress) -> ExportedGraph:
    network, name = source.network, source.network.name
    progress.note(f"{name}: tracing")
    data = onnx_graph(network).SerializeToString()
    facts = check_graph(data, f"{name}.{VARIANT}.onnx")
    check_operators(facts)
    frames, words = _proof_frames(source, parity_data)
    parity = measure(network, data, frames, words, progress)
    check(parity, network, trained=source.trained)
    progress.note(_summary(name, parity, source.trained))
    return ExportedGraph(
        entry=_entry(source, facts, parity),
        data=data,
        golden=golden.golden_arrays(name, source.contract, data, VARIANT),
    )


def _proof_frames(source: Source, parity_data: Path | None) -> tuple[Frames, str]:
    painted = painted_frames(source.network.name, source.contract, PAINTED_FRAMES, PARITY_SEED)
    if parity_data is None:
        return painted, f"{len(painted)} painted"
    real = real_frames(parity_data, source.contract)
    words = f"{len(painted)} painted, {len(real)} of {parity_data.resolve().name}"
    return np.concatenate([painted, real]), words


def _summary(name: str, parity: Parity, trained: bool) -> str:
    worst = max(parity.outputs, key=lambda output: parity.outputs[output].max_error)
    error = parity.outputs[worst].max_error
    text = (
        f"{name}: equal to torch within {error:.1e} ({worst}) on {parity.frames} frames"
        f" ({parity.data}); Grad-CAM maps that are not zero: {parity.shown.all:.0%} of all,"
        f" {parity.shown.voted:.0%} of the voted classes'"
    )
    if not trained and parity.shown.voted < LEAST_NOT_ZERO:
        text += " (random weights: less is allowed)"
    return text


def _entry(source: Source, facts: GraphFacts, parity: Parity) -> NetworkEntry:
    network = source.network
    shapes = {port.name: port.shape for port in facts.outputs}
    height, width = shapes["cams"][2:]
    return NetworkEntry(
        classes=network.classes,
        contract=source.contract.to_json(),
        size=source.size,
        settings=network.settings(),
        trained=source.trained,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        cam_target=network.target_name,
        cam_grid=(int(height), int(width)),
        temperature=float(network.temperature.item()),
        variants={VARIANT: Variant(f"{network.name}.{VARIANT}.onnx", parity=parity.to_json())},
        provenance=source.provenance,
    )


def _trees(path: Path, sources: Mapping[str, Source]) -> tuple[TreesEntry, bytes]:
    """The trees' entry and bytes. Raises InputError where they do not fit a network that is exported with them."""
    source = _with_features(sources)
    done = blob_from_xgboost(path, classes=source.network.classes)
    _check_fit(path, done, source)
    entry = done.entry(source.network.name, TREES_FILE)
    provenance = {**entry.provenance, "training_images": list(source.images_of_trees)}
    return replace(entry, provenance=provenance), done.data


def _with_features(sources: Mapping[str, Source]) -> Source:
    for source in sources.values():
        if source.network.name == "xincept_all":
            return source
    raise UsageError("--trees without the network whose features they take", wanted="xincept_all")


def _check_fit(path: Path, done: TreeExport, source: Source) -> None:
    outputs = torch_outputs(source.network, example_frames(source.network, 1))
    features = outputs["features"].shape[1]
    if done.blob.features != features:
        raise InputError(
            f"{path}: the trees take {done.blob.features} features",
            wanted=f"{features}, as {source.network.name} gives",
            next_step="leukoscope train trees --from CHECKPOINT",
        )
    theirs = done.history.get("checkpoint_sha256")
    if theirs is not None and theirs != source.checkpoint_sha256:
        raise InputError(
            f"{path}: the trees were fitted on the features of another checkpoint ({str(theirs)[:12]}...)",
            wanted=f"{str(source.checkpoint_sha256)[:12]}..., which is exported with them",
            next_step="leukoscope train trees --from CHECKPOINT",
        )
