"""The kernels that ONNX Runtime ran, as layers of the network."""

from collections.abc import Mapping, Sequence

from leukoscope.runtime.profiler.layers.anchors import find_anchor
from leukoscope.runtime.profiler.layers.cost import PRODUCTS, operations
from leukoscope.runtime.profiler.layers.fusion import group, traffic
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph
from leukoscope.runtime.profiler.layers.kernel_times import KernelTime, KernelTimes
from leukoscope.runtime.profiler.layers.modules import module_names, module_paths
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import LayerTime, Work, floor_of

BYTE_TYPES = ("uint8", "int8")


def kernel_layers(
    times: KernelTimes, graph: NetworkGraph, facts: Mapping[str, TensorFact], peaks: Peaks
) -> tuple[LayerTime, ...]:
    """In the order of their running. A kernel that stands for no node of ours, as a change of layout, has no module."""
    anchors = {kernel.name: find_anchor(kernel.name, graph) for kernel in times.kernels}
    groups = group(graph, _first_of_each(anchors))
    paths = module_paths(graph)
    names = module_names(graph, paths)
    found = []
    for kernel in times.kernels:
        node = anchors[kernel.name]
        if node is None:
            found.append(_stray(kernel))
            continue
        nodes = groups.get(kernel.name) or (
            node,
        )  # a second copy of a node has no group of its own
        work = _work(kernel, nodes, graph, facts)
        floor = floor_of(work, peaks, graph.constant_bytes)
        path = paths[node.name]
        inside = tuple(one.name for one in nodes)
        found.append(
            LayerTime(
                kernel.name, kernel.operator, names[path], path, inside, kernel.ms, work, floor
            )
        )
    return tuple(found)


def _stray(kernel: KernelTime) -> LayerTime:
    return LayerTime(kernel.name, kernel.operator, None, None, (), kernel.ms, None, None)


def _first_of_each(anchors: Mapping[str, GraphNode | None]) -> dict[str, str]:
    """Kernels by the name of their anchor; of copies the first."""
    found: dict[str, str] = {}
    for kernel, node in anchors.items():
        if node is not None:
            found.setdefault(node.name, kernel)
    return found


def _work(
    kernel: KernelTime,
    nodes: Sequence[GraphNode],
    graph: NetworkGraph,
    facts: Mapping[str, TensorFact],
) -> Work:
    moved = traffic(nodes, graph, facts)
    multiplies = any(node.operator in PRODUCTS for node in nodes)
    return Work(
        operations=sum(operations(node, facts) for node in nodes),
        weight_bytes=moved.weight_bytes,
        activation_bytes=moved.activation_bytes,
        int8=multiplies and kernel.input_dtype in BYTE_TYPES,
    )
