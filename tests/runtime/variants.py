"""Further variants for a bundle: copies of its float graph under another name, with or without a verdict."""

from dataclasses import replace
from pathlib import Path

from leukoscope.bundle.manifest import Variant
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.write import extend_bundle


def add_variant(
    root: Path, network: str, name: str, gate=None, graph: bytes | None = None, files=None
) -> Bundle:
    """The bundle with one variant more; `gate` may be an outcome alone."""
    record = {"outcome": gate, "checks": []} if isinstance(gate, str) else gate
    file = f"{network}.{name}.onnx"
    content = graph or (root / f"{network}.fp32.onnx").read_bytes()

    def change(manifest):
        entry = manifest.networks[network]
        variants = {**entry.variants, name: Variant(file, record)}
        networks = {**manifest.networks, network: replace(entry, variants=variants)}
        return replace(manifest, networks=networks)

    return extend_bundle(root, change, {file: content, **(files or {})})
