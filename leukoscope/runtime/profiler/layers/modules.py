"""Which module of a network a node belongs to, from the names that the exporter gives: `xception.middle.0.body.1/Conv`."""

from collections import Counter
from collections.abc import Mapping

from leukoscope.runtime.profiler.layers.cost import PRODUCTS
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph

GRADCAM, INPUT, NETWORK = "gradcam", "input", "network"
"""The maps' branch; what is done to the frames before the first layer; what the network does between its modules."""
PARTS_FROM = 12
"""A module with more convolutions and products than these is shown by its parts (our choice)."""
PARTS_DEPTH = 2
ENDINGS = (".int8", ".scale", ".quantized", ".dequantized", ".unclipped", ".T")
WEIGHTS = (".weight", ".weights", ".bias")


def module_paths(graph: NetworkGraph) -> dict[str, str]:
    """The path of each node's module by the node's name: `inception.stem.0.conv`, `gradcam`, `input`."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        found[node.name] = _own_path(node) or _path_around(node, graph, found)
    return found


def module_names(graph: NetworkGraph, paths: Mapping[str, str]) -> dict[str, str]:
    """The module as it is shown, by path: the first part of the path, or the first two of a large module."""
    counted = Counter(
        paths[node.name].partition(".")[0] for node in graph.nodes if node.operator in PRODUCTS
    )
    return {path: _shown(path, counted) for path in paths.values()}


def _shown(path: str, counted: Mapping[str, int]) -> str:
    parts = path.split(".")
    depth = PARTS_DEPTH if counted.get(parts[0], 0) > PARTS_FROM else 1
    return ".".join(parts[:depth])


def _own_path(node: GraphNode) -> str:
    """What stands before the operator in the node's name; '' where that is an activation's name, or nothing."""
    before = node.name.rpartition("/")[0]
    if before.startswith(GRADCAM):
        return GRADCAM
    tensor = _tensor(before)
    if tensor not in {_tensor(name) for name in (*node.inputs, *node.outputs) if name}:
        return before
    # Named after a tensor, as quantizers are: a weight's name tells its module, another's does not.
    return next((tensor.removesuffix(one) for one in WEIGHTS if tensor.endswith(one)), "")


def _path_around(node: GraphNode, graph: NetworkGraph, found: Mapping[str, str]) -> str:
    """The module of what it is fed by where it is a quantizer or the like; else the network's own, or the input's."""
    producers = [graph.producer[name] for name in node.inputs if name in graph.producer]
    known = [found[one.name] for one in producers if one.name in found]
    if not known or all(one == INPUT for one in known):
        return INPUT
    if "/" in node.name:
        return known[0]
    return NETWORK


def _tensor(name: str) -> str:
    """A tensor's name without what quantizing adds to it."""
    shorter = ""
    while shorter != name:
        shorter = name
        for ending in ENDINGS:
            name = name.removesuffix(ending)
    return name
