"""The layers that TensorRT made of a graph, and the types in which it computes them.

TensorRT-RTX lists them once, in one VERBOSE message of the builder that begins with `Layers:`; a line is

    Name: N, LayerType: correlation, Inputs: [ { Name: .., Dimensions: [-1,8,9,9], .., Datatype: Int8, .. }], Constants: [..],
    Outputs: [..], TacticName: .., StreamId: 0, Metadata: [ONNX Layer: a/Conv][ONNX Layer: a.weight/DequantizeLinear]

TensorRT's own inspector gives JSON of an engine that is loaded on its device.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

LISTING = "Layers:\n"
COMPUTE_KINDS = ("correlation", "convolution", "deconvolution", "gemm")
"""Words of TensorRT-RTX for layers that convolve or multiply matrices."""
_TENSOR = re.compile(r"\{ Name: (.*?), Dimensions: \[([-\d,]*)\].*?Datatype: (\w+)")
_NODE = re.compile(r"\[ONNX Layer: ([^\]]*)\]")


@dataclass(frozen=True)
class Tensor:
    """What a layer reads or writes; -1 is the batch's side. `dtype` in TensorRT's words: Float, Half, Int8."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class EngineLayer:
    """One layer of the plan, and the ONNX nodes that went into it."""

    name: str
    kind: str
    inputs: tuple[Tensor, ...]
    constants: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    nodes: tuple[str, ...]

    @property
    def types(self) -> tuple[str, ...]:
        """Types of the data and of the weights; a product of two inputs has no weights among its constants."""
        weights = next((c for c in self.constants if math.prod(c.shape) > 1), None)
        second = weights or (self.inputs[-1] if self.inputs else None)
        return tuple(t.dtype for t in (*self.inputs[:1], second) if t is not None)


def read_listing(text: str) -> tuple[EngineLayer, ...]:
    """The builder's `Layers:` message -> its layers; lines of another form are left out."""
    lines = text.partition(LISTING)[2].splitlines()
    return tuple(_read_line(line) for line in lines if line.startswith("Name: "))


def read_inspection(text: str) -> tuple[EngineLayer, ...]:
    """JSON of an engine's inspector -> its layers; () where the text is none, or names layers only."""
    try:
        value = json.loads(text)
    except ValueError:
        return ()
    layers = value.get("Layers") if isinstance(value, dict) else None
    found = layers if isinstance(layers, list) else []
    return tuple(_read_object(layer) for layer in found if isinstance(layer, dict))


def layers_json(layers: Iterable[EngineLayer]) -> list[dict[str, Any]]:
    """The layers as plain JSON values."""
    return [asdict(layer) for layer in layers]


def layers_from_json(value: Any) -> tuple[EngineLayer, ...]:
    """What `layers_json` wrote -> layers. Raises KeyError, TypeError or ValueError for anything else."""
    return tuple(
        EngineLayer(
            name=str(layer["name"]),
            kind=str(layer["kind"]),
            inputs=_from_json(layer["inputs"]),
            constants=_from_json(layer["constants"]),
            outputs=_from_json(layer["outputs"]),
            nodes=tuple(map(str, layer["nodes"])),
        )
        for layer in value
    )


def types_by_node(layers: Iterable[EngineLayer]) -> dict[str, tuple[str, ...]]:
    """Types of data and weights by the name of the ONNX node, of the layers that convolve or multiply matrices."""
    return {
        node: layer.types
        for layer in layers
        if layer.kind.lower() in COMPUTE_KINDS
        for node in layer.nodes
    }


def types_in_words(layers: Iterable[EngineLayer]) -> str:
    """'57 convolutions and matrix products: 52 Int8, 5 Float', by the type of the data; '' where none is known."""
    counts: dict[str, int] = {}
    for layer in layers:
        if layer.kind.lower() in COMPUTE_KINDS and layer.types:
            counts[layer.types[0]] = counts.get(layer.types[0], 0) + 1
    if not counts:
        return ""
    parts = sorted(counts.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{count} {dtype}" for dtype, count in parts)
    return f"{sum(counts.values())} convolutions and matrix products: {listed}"


def _read_line(line: str) -> EngineLayer:
    head, _, rest = line.partition(", Inputs: ")
    inputs, _, rest = rest.partition(", Constants: ")
    constants, _, rest = rest.partition(", Outputs: ")
    outputs, _, rest = rest.partition(", TacticName: ")
    name, _, kind = head.removeprefix("Name: ").rpartition(", LayerType: ")
    nodes = tuple(_NODE.findall(rest))
    return EngineLayer(name, kind, _tensors(inputs), _tensors(constants), _tensors(outputs), nodes)


def _tensors(text: str) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(name, tuple(int(side) for side in sides.split(",") if side), dtype)
        for name, sides, dtype in _TENSOR.findall(text)
    )


def _read_object(layer: dict[str, Any]) -> EngineLayer:
    return EngineLayer(
        name=str(layer.get("Name", "")),
        kind=str(layer.get("LayerType", "")),
        inputs=_inspected(layer.get("Inputs")),
        constants=_inspected(layer.get("Constants")),
        outputs=_inspected(layer.get("Outputs")),
        nodes=tuple(_NODE.findall(str(layer.get("Metadata", "")))),
    )


def _inspected(value: Any) -> tuple[Tensor, ...]:
    """The type is a word of its own in some versions, and a part of the format in others."""
    found = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return tuple(
        Tensor(
            str(one.get("Name", "")),
            _sides(one.get("Dimensions")),
            str(one.get("Datatype") or one.get("Format/Datatype") or one.get("Format") or ""),
        )
        for one in found
    )


def _sides(value: Any) -> tuple[int, ...]:
    return tuple(v for v in value if isinstance(v, int)) if isinstance(value, list) else ()


def _from_json(value: Any) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(str(one["name"]), tuple(map(int, one["shape"])), str(one["dtype"])) for one in value
    )
