"""The layers of a TensorRT engine, timed on its device, as layers of the network."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from leukoscope.runtime.backends.tensorrt_layer_times import EngineTimes
from leukoscope.runtime.engines.layers import EngineLayer, Tensor
from leukoscope.runtime.profiler.layers.cost import PRODUCTS, operations
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph
from leukoscope.runtime.profiler.layers.kernel_times import undisturbed
from leukoscope.runtime.profiler.layers.modules import module_names, module_paths
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.roofline import LayerTime, Work

ITEM_BYTES: tuple[tuple[str, int], ...] = (
    ("int64", 8), ("int32", 4), ("fp32", 4), ("float", 4), ("half", 2), ("fp16", 2), ("bf16", 2), ("int8", 1),
    ("uint8", 1), ("fp8", 1), ("bool", 1),
)  # fmt: skip
"""By a word of TensorRT's name of the type or the format, in small letters; the first that is in it."""
_BETWEEN = re.compile(r" \+ |\.{3}|[(),|{}\[\]]|ForeignNode|PWN")
"""Between the nodes' names in the name of a layer that TensorRT fused: `a/Conv + PWN(a/Relu)`."""


def engine_layers(
    times: EngineTimes, graph: NetworkGraph, facts: Mapping[str, TensorFact]
) -> tuple[LayerTime, ...]:
    """In the order of their running. The device's peaks are not measured, so no layer has a floor."""
    listed = {layer.name: layer for layer in times.layers}
    paths = module_paths(graph)
    names = module_names(graph, paths)
    order = dict.fromkeys(name for call in times.calls for name in call)
    return tuple(
        _layer(name, undisturbed([call.get(name, 0.0) for call in times.calls]), listed, graph, facts, paths, names)
        for name in order
    )  # fmt: skip


def nodes_of(name: str, layer: EngineLayer | None, graph: NetworkGraph) -> tuple[GraphNode, ...]:
    """The nodes that went into a layer: as the engine tells, else those that are in the layer's name."""
    told: Iterable[str] = layer.nodes if layer is not None and layer.nodes else _BETWEEN.split(name)
    found = (graph.by_name.get(one.strip()) for one in told)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _layer(
    name: str,
    ms: float,
    listed: Mapping[str, EngineLayer],
    graph: NetworkGraph,
    facts: Mapping[str, TensorFact],
    paths: Mapping[str, str],
    names: Mapping[str, str],
) -> LayerTime:
    layer = listed.get(name)
    kind = layer.kind if layer is not None else ""
    nodes = nodes_of(name, layer, graph)
    if not nodes:
        return LayerTime(name, kind, None, None, (), ms, None, None)
    anchor = next((one for one in nodes if one.operator in PRODUCTS), nodes[0])
    path = paths[anchor.name]
    inside = tuple(one.name for one in nodes)
    return LayerTime(name, kind, names[path], path, inside, ms, _work(nodes, layer, facts), None)


def _work(
    nodes: Sequence[GraphNode], layer: EngineLayer | None, facts: Mapping[str, TensorFact]
) -> Work:
    constants = layer.constants if layer is not None else ()
    moved = (*layer.inputs, *layer.outputs) if layer is not None else ()
    types = layer.types if layer is not None else ()
    return Work(
        operations=sum(operations(node, facts) for node in nodes),
        weight_bytes=sum(map(_size, constants)),
        activation_bytes=sum(map(_size, moved)),
        int8=bool(types) and "int8" in types[0].lower(),
    )


def _size(tensor: Tensor) -> int:
    """Bytes for one frame; 0 of a type that is not known."""
    word = tensor.dtype.lower()
    item = next((size for name, size in ITEM_BYTES if name in word), 0)
    return math.prod(abs(side) for side in tensor.shape) * item
