"""A bundle in words, for `leukoscope inspect`."""

from collections.abc import Iterator
from typing import Any

from leukoscope.bundle.manifest import JsonObject, NetworkEntry, TreesEntry, Variant
from leukoscope.bundle.onnx_wire import read_graph
from leukoscope.bundle.read import Bundle

_SHOWN = ("accuracy", "balanced_accuracy", "cell_iou", "nucleus_iou")


def summarise(bundle: Bundle) -> dict[str, Any]:
    """The manifest as JSON values, the long lists replaced by numbers: of training images and groups their lengths,
    of the colours of a source its fields.
    """
    value = bundle.manifest.to_json()
    for network in value["networks"].values():
        provenance = network["provenance"]
        for name in ("training_images", "training_groups"):
            if isinstance(provenance.get(name), list):
                provenance[name] = len(provenance[name])
        if colours := _colours(provenance):
            provenance["colours"] = colours
    return {**value, "manifest_sha256": bundle.manifest_sha256, "signed": bundle.signed}


def in_words(bundle: Bundle) -> Iterator[str]:
    """Lines for people: what is in the bundle and what was proved of it."""
    size = sum(entry.size_bytes for entry in bundle.manifest.files.values())
    yield f"{bundle.root}: {len(bundle.manifest.files)} files, {size / 1e6:.1f} MB, every hash verified"
    yield f"  made by {bundle.manifest.created_by}; {'signed' if bundle.signed else 'not signed'}"
    yield f"  identity {bundle.manifest_sha256}"
    for name, network in bundle.manifest.networks.items():
        yield from _network(bundle, name, network)
    if bundle.manifest.trees is not None:
        yield from _trees(bundle.manifest.trees)
    if bundle.manifest.golden is not None:
        yield f"golden outputs: {bundle.manifest.golden.frames} frames a network"


def _network(bundle: Bundle, name: str, network: NetworkEntry) -> Iterator[str]:
    trained = "" if network.trained else ", UNTRAINED: for timing only"
    side = network.contract.get("input_px", "?")
    yield f"{name} ({network.size}{trained})"
    yield f"  names {', '.join(network.classes)}"
    yield f"  takes {side} x {side} px; {network.parameters / 1e6:.2f} M parameters"
    grid = " x ".join(map(str, network.cam_grid))
    yield f"  Grad-CAM of {network.cam_target} at {grid}; temperature {network.temperature:.3f}"
    images = network.provenance.get("training_images")
    if images:
        yield f"  trained on {len(images)} images; none of them may judge it"
    colours = _colours(network.provenance)
    for part, sources in colours.items():
        yield f"  colours known from {part}: {', '.join(sources) or 'none'}"
    if not colours:
        yield "  no colours on record: a run cannot warn when the stain drifts"
    for variant_name, variant in network.variants.items():
        yield from _variant(bundle, name, variant_name, variant)


def _colours(provenance: JsonObject) -> dict[str, dict[str, Any]]:
    """Part -> source -> number of fields; what is broken is passed over, `run` refuses it."""
    parts = provenance.get("colours")
    return {
        str(part): {
            str(name): one.get("fields") for name, one in sources.items() if isinstance(one, dict)
        }
        for part, sources in (parts.items() if isinstance(parts, dict) else ())
        if isinstance(sources, dict)
    }


def _variant(bundle: Bundle, network: str, name: str, variant: Variant) -> Iterator[str]:
    graph = read_graph(bundle.graph(network, name), variant.file)
    size = bundle.manifest.files[variant.file].size_bytes
    yield f"  {name}: {variant.file}, {size / 1e6:.1f} MB, opset {graph.opset}, IR {graph.ir_version}"
    for output, figures in variant.parity.items():
        if isinstance(figures, dict) and "max_error" in figures:
            error, tolerance = figures["max_error"], figures.get("tolerance")
            yield f"    parity of {output}: error {error:.1e}, tolerance {tolerance:.0e}"
    yield f"    {_gate(variant.gate)}"


def _gate(gate: JsonObject | None) -> str:
    if gate is None:
        return "not judged by the gate"
    said = [word for word in ("accepted_undecided", "forced") if gate.get(word) is True]
    marks = "".join(f", {word.replace('_', ' ')}" for word in said)
    return (
        f"gate: {gate.get('outcome')}{marks}; {gate.get('n')} images of {gate.get('groups')} groups, "
        f"{gate.get('flips')} votes changed"
    )


def _trees(trees: TreesEntry) -> Iterator[str]:
    yield f"trees: {trees.trees} in {trees.layout} layout on {trees.features} features of {trees.network}"
    yield f"  vote for {', '.join(trees.classes)}; temperature {trees.temperature:.3f}"
