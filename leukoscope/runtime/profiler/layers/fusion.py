"""Which nodes of our graph run inside which kernel, and what goes in and out of it.

A kernel is found by the node that it is named after, its anchor. A node that is nobody's anchor runs in the kernel of a
neighbour: what changes types or places (DequantizeLinear, Transpose, Reshape) in those of its readers, what is done to a
result (QuantizeLinear, Relu, Clip) in its producer's, and a convolution in that of the first reader behind it, for a kernel is
named after the last node of its fusion. The other way is tried where the first leads nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leukoscope.runtime.profiler.layers.cost import MOVES, PRODUCTS
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph
from leukoscope.runtime.profiler.layers.ort_events import TensorFact

STEPS_LIMIT = 8
"""How many nodes a fusion may span."""


@dataclass(frozen=True)
class Traffic:
    """Bytes that a kernel reads or writes, each tensor once."""

    weight_bytes: int
    activation_bytes: int


def group(graph: NetworkGraph, anchors: Mapping[str, str]) -> dict[str, tuple[GraphNode, ...]]:
    """Nodes by kernel; `anchors` are kernels by the name of the node that they are named after.

    A node that several kernels contain, as each has its own copy, is in each of them.
    """
    found: dict[str, list[GraphNode]] = {kernel: [] for kernel in anchors.values()}
    for node in graph.nodes:
        for kernel in dict.fromkeys(_hosts(node, graph, anchors)):
            found[kernel].append(node)
    return {kernel: tuple(nodes) for kernel, nodes in found.items()}


def traffic(
    nodes: Iterable[GraphNode], graph: NetworkGraph, facts: Mapping[str, TensorFact]
) -> Traffic:
    """What the kernel of these nodes reads from outside of it and gives to others; each tensor once."""
    inside = tuple(nodes)
    given = {name for node in inside for name in node.outputs if name}
    read = {name for node in inside for name in node.inputs if name} - given
    weights = {name for name in read if name in graph.constants}
    names = {id(node) for node in inside}
    leaving = {
        name
        for name in given
        if name in graph.outputs
        or any(id(reader) not in names for reader in graph.readers.get(name, ()))
    }
    return Traffic(
        sum(graph.constants[name].size_bytes for name in weights),
        sum(_size(facts, name) for name in (read - weights) | leaving),
    )


def _size(facts: Mapping[str, TensorFact], name: str) -> int:
    return facts[name].size_bytes if name in facts else 0


def _hosts(node: GraphNode, graph: NetworkGraph, anchors: Mapping[str, str]) -> list[str]:
    if node.name in anchors:
        return [anchors[node.name]]
    ahead, back = _ahead(node, graph, anchors), _back(node, graph, anchors)
    if node.operator in PRODUCTS or (node.operator in MOVES and node.operator != "QuantizeLinear"):
        return ahead or back
    return back or ahead


def _ahead(node: GraphNode, graph: NetworkGraph, anchors: Mapping[str, str]) -> list[str]:
    """Kernels of the nearest readers that have one; of a convolution, of its only reader."""
    level, found = [node], []
    for _ in range(STEPS_LIMIT):
        level = [r for one in level for name in one.outputs for r in graph.readers.get(name, ())]
        found += [anchors[one.name] for one in level if one.name in anchors]
        level = [one for one in level if one.name not in anchors]
        if not level:
            break
    return found


def _back(node: GraphNode, graph: NetworkGraph, anchors: Mapping[str, str]) -> list[str]:
    """The kernel of the nearest producer that has one; where it has several, of the one that multiplies."""
    for _ in range(STEPS_LIMIT):
        producers = [graph.producer[name] for name in node.inputs if name in graph.producer]
        near = [one for one in producers if one.name in anchors]
        if near:
            best = next((one for one in near if one.operator in PRODUCTS), near[0])
            return [anchors[best.name]]
        if not producers:
            return []
        node = producers[0]
    return []
