"""A bundle's float graphs in half and in INT8, with min-max ranges of a few painted squares: good enough to compile."""

import shutil
from dataclasses import replace
from pathlib import Path

import onnx

from leukoscope.bundle.manifest import Variant
from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.half import to_half
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.placement import place
from leukoscope.calibration.qdq import quantize
from leukoscope.calibration.ranges import observe, ranges_by

PRECISIONS = ("fp16", "int8", "int8_fp16")


def copy_with_variants(source: Path, target: Path, outcome: str = "passed") -> Bundle:
    """A copy of the bundle whose networks have all of PRECISIONS, each with this outcome of the gate."""
    shutil.copytree(source, target)
    bundle = open_bundle(target)
    graphs = {
        (network, precision): model.SerializeToString()
        for network in bundle.manifest.networks
        for precision, model in made_variants(bundle, network).items()
    }

    def change(manifest):
        networks = {}
        for name, entry in manifest.networks.items():
            gate = {"outcome": outcome, "checks": []}
            added = {p: Variant(f"{name}.{p}.onnx", gate) for p in PRECISIONS}
            networks[name] = replace(entry, variants={**entry.variants, **added})
        return replace(manifest, networks=networks)

    files = {f"{network}.{precision}.onnx": data for (network, precision), data in graphs.items()}
    return extend_bundle(target, change, files)


def made_variants(bundle: Bundle, network: str) -> dict[str, onnx.ModelProto]:
    model = onnx.load_model_from_string(bundle.graph(network, "fp32"))
    layers = find_layers(model)
    frames = bundle.golden()[f"{network}/frames"]
    tensors = place(index_graph(model.graph), layers).tensors
    int8 = quantize(model, layers, ranges_by("min-max", observe(model, tensors, frames)))
    return {"fp16": to_half(model), "int8": int8, "int8_fp16": to_half(int8)}
