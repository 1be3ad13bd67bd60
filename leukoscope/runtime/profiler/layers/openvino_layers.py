"""The kernels that OpenVINO ran, as layers of the network."""

from collections.abc import Mapping, Sequence

from leukoscope.runtime.profiler.layers.cost import PRODUCTS, operations
from leukoscope.runtime.profiler.layers.fusion import group, traffic
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph
from leukoscope.runtime.profiler.layers.modules import module_names, module_paths
from leukoscope.runtime.profiler.layers.openvino_times import OpenVinoKernel, OpenVinoTimes
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import LayerTime, Work, floor_of


def openvino_layers(
    times: OpenVinoTimes, graph: NetworkGraph, facts: Mapping[str, TensorFact], peaks: Peaks
) -> tuple[LayerTime, ...]:
    """In the order of their running. A kernel without a node of ours, as a change of layout, has no module."""
    claimed: dict[str, str] = {}
    for kernel in times.kernels:
        for node in named_nodes(kernel, graph):
            claimed.setdefault(node.name, kernel.name)
    groups = group(graph, claimed)
    paths = module_paths(graph)
    names = module_names(graph, paths)
    return tuple(
        _layer(kernel, groups.get(kernel.name, ()), graph, facts, peaks, paths, names)
        for kernel in times.kernels
    )


def named_nodes(kernel: OpenVinoKernel, graph: NetworkGraph) -> tuple[GraphNode, ...]:
    """The nodes that OpenVINO says are in it; it knows some by what they give."""
    found = (graph.by_name.get(name) or graph.producer.get(name) for name in kernel.nodes)
    return tuple(dict.fromkeys(node for node in found if node is not None))


def _layer(
    kernel: OpenVinoKernel,
    nodes: Sequence[GraphNode],
    graph: NetworkGraph,
    facts: Mapping[str, TensorFact],
    peaks: Peaks,
    paths: Mapping[str, str],
    names: Mapping[str, str],
) -> LayerTime:
    named = [node for node in named_nodes(kernel, graph) if node in nodes]
    if not named:
        return LayerTime(kernel.name, kernel.kind, None, None, (), kernel.ms, None, None)
    multiplies = [node for node in named if node.operator in PRODUCTS]
    path = paths[(multiplies or named)[0].name]
    moved = traffic(nodes, graph, facts)
    work = Work(
        operations=sum(operations(node, facts) for node in nodes),
        weight_bytes=moved.weight_bytes,
        activation_bytes=moved.activation_bytes,
        int8=bool(multiplies) and kernel.primitive.lower().endswith("i8"),
    )
    floor = floor_of(work, peaks, graph.constant_bytes)
    inside = tuple(node.name for node in nodes)
    return LayerTime(kernel.name, kernel.kind, names[path], path, inside, kernel.ms, work, floor)
