"""A bundle with variants that nobody has judged yet, so that they are judged by the very path that `run` takes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from leukoscope.bundle.manifest import JsonObject, Manifest, Variant
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.write import BundleWriter


def variant_file(network: str, precision: str) -> str:
    """Name of the variant's graph in the bundle."""
    return f"{network}.{precision}.onnx"


def with_variant(
    manifest: Manifest, network: str, precision: str, gate: JsonObject | None = None
) -> Manifest:
    """The manifest with one variant added or replaced."""
    entry = manifest.networks[network]
    variant = Variant(variant_file(network, precision), gate)
    changed = replace(entry, variants={**entry.variants, precision: variant})
    return replace(manifest, networks={**manifest.networks, network: changed})


def without_variant(manifest: Manifest, network: str, precision: str) -> Manifest:
    """The manifest without one variant, which it has."""
    entry = manifest.networks[network]
    variants = {name: one for name, one in entry.variants.items() if name != precision}
    changed = replace(entry, variants=variants)
    return replace(manifest, networks={**manifest.networks, network: changed})


def stage(
    bundle: Bundle,
    graphs: Mapping[str, bytes],
    precision: str,
    files: Mapping[str, bytes],
    folder: Path,
) -> Bundle:
    """A copy of the bundle at `folder`, with a graph of this precision for each network in `graphs` and more `files`."""
    manifest = bundle.manifest
    with BundleWriter(folder) as writer:
        writer.keep(bundle)
        for network, graph in graphs.items():
            writer.add(variant_file(network, precision), graph)
            manifest = with_variant(manifest, network, precision)
        for name, content in files.items():
            writer.add(name, content)
        return writer.commit(manifest)
