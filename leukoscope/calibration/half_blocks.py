"""Which nodes of a graph go on computing in float32 when the rest goes to half precision (float16).

frames -> colours -> | layers ........................ | -> target map -> head, maps, softmax -> outputs
          float32    | half; softmax, norms, sums wide |            float32
          saliency prior: float32
"""

from collections.abc import Collection

import numpy as np
import onnx
from numpy.typing import NDArray

from leukoscope.calibration.graph_index import (
    BRANCHES_LEFT_ALONE,
    GraphIndex,
    index_graph,
    left_alone,
)
from leukoscope.calibration.lint_layers import LAYERS
from leukoscope.calibration.lint_pairs import LINEAR
from leukoscope.calibration.reading import first_input, stored

FLOAT_OPERATORS = frozenset(
    [
        *("Softmax", "LayerNormalization", "BatchNormalization", "GlobalAveragePool"),
        *("ReduceMean", "ReduceSum", "Exp", "Log", "Pow", "Sqrt", "Reciprocal"),
        *("Constant", "ConstantOfShape"),
    ]
)
"""Sums over many values, and curves that are steep where half is coarse. Constants take no type from what they read."""
GREATEST = 65504.0
HEADROOM = 4
"""What was seen of a tensor on some images must fit this many times: our choice."""
LEAST_NORMAL = 2.0**-14
SETTING_SIZE = 4
"""A constant of so few values is a factor or an epsilon, which must not vanish; small weights may."""
STEEP_WEIGHT = 8.0
"""A layer with a greater weight multiplies the rounding of what it reads, which is 1 in 2048 in half: our choice."""

Name = str


def float_nodes(graph: onnx.GraphProto, keep: Collection[Name] = ()) -> frozenset[Name]:
    """The first outputs of the nodes that stay in float32; those that make or read a tensor of `keep` do.

    Of a Q/DQ pair and of the DequantizeLinear of weights: where everything that reads them stays.
    """
    index = index_graph(graph)
    marked = {node.output[0] for node in graph.node if _stays_by_itself(index, node, set(keep))}
    marked |= _before_layers(index) | _behind_targets(index) | _with_coarse_scales(index)
    marked |= _steep_from_the_start(index, marked)
    nodes = {node.output[0]: node for node in graph.node}
    marked = {name for name in marked if nodes[name].op_type not in LINEAR}
    marked |= _between(index, marked)
    return frozenset(marked | _pairs_of(index, marked))


def fits(values: NDArray[np.generic]) -> bool:
    """Whether half holds a constant: none too great, and no factor or epsilon that vanishes."""
    sizes = np.abs(np.asarray(values, np.float64))
    finite = sizes[np.isfinite(sizes)]
    if (finite > GREATEST / HEADROOM).any():
        return False
    return values.size > SETTING_SIZE or not ((finite > 0) & (finite < LEAST_NORMAL)).any()


def _stays_by_itself(index: GraphIndex, node: onnx.NodeProto, keep: set[Name]) -> bool:
    if left_alone(node) or node.op_type in FLOAT_OPERATORS:
        return True
    if keep.intersection(node.input) or keep.intersection(node.output):
        return True
    constants = [c for c in (stored(index, name) for name in node.input) if c is not None]
    return not all(fits(c) for c in constants if c.dtype == np.float32)


def _steep_from_the_start(index: GraphIndex, marked: set[Name]) -> set[Name]:
    """Steep layers that read float32 values.

    Not those further in: TensorRT-RTX makes a half layer of a lone float32 layer that stands between two casts.
    """
    wide = set(index.constants) | {value.name for value in index.graph.input} | {""}
    found = set()
    for node in index.graph.node:
        reads_wide = wide.issuperset(node.input) and node.op_type not in LINEAR
        steep = node.op_type in LAYERS and _is_steep(stored(index, node.input[1]))
        if node.output[0] in marked or (reads_wide and (steep or node.op_type not in LAYERS)):
            wide.update(node.output)
        if reads_wide and steep:
            found.add(node.output[0])
    return found


def _is_steep(weights: NDArray[np.generic] | None) -> bool:
    return weights is not None and bool((np.abs(weights) > STEEP_WEIGHT).any())


def _before_layers(index: GraphIndex) -> set[Name]:
    """The colour path: what depends on no layer."""
    behind: set[Name] = set()
    for node in index.graph.node:
        if node.op_type in LAYERS or behind.intersection(node.input):
            behind.update(node.output)
    return {node.output[0] for node in index.graph.node if node.output[0] not in behind}


def _behind_targets(index: GraphIndex) -> set[Name]:
    """What follows the tensors that the maps' branch reads: the head, which shares its weights with the branch."""
    branch = [n for n in index.graph.node if n.name.startswith(BRANCHES_LEFT_ALONE[0])]
    made_inside = {name for node in branch for name in node.output}
    read = {name for node in branch for name in node.input} - made_inside
    reached = {name for name in read if name in index.producers}
    tail = set()
    for node in index.graph.node:
        if reached.intersection(node.input):
            reached.update(node.output)
            tail.add(node.output[0])
    return tail


def _with_coarse_scales(index: GraphIndex) -> set[Name]:
    """Layers whose data have a scale that half does not hold to its full precision."""
    coarse = set()
    for node in index.graph.node:
        if node.op_type not in LINEAR or first_input(node) in index.constants:
            continue
        scale = stored(index, node.input[1])
        if scale is not None and not fits(scale):
            coarse |= {reader.output[0] for reader in index.readers(node.output[0])}
    return coarse


def _between(index: GraphIndex, marked: set[Name]) -> set[Name]:
    """What is computed of float32 values alone and read by float32, which need not be rounded on the way."""
    pure = _only_of(index, marked)
    found: set[Name] = set()
    for node in reversed(index.graph.node):
        readers = {reader.output[0] for name in node.output for reader in index.readers(name)}
        wanted = readers & (marked | found) or index.outputs.intersection(node.output)
        if node.output[0] in pure and wanted:
            found.add(node.output[0])
    return found


def _only_of(index: GraphIndex, marked: set[Name]) -> set[Name]:
    wide = set(index.constants)
    wide |= {value.name for value in index.graph.input} | {""}
    pure = set()
    for node in index.graph.node:
        passes = node.op_type not in LAYERS and node.op_type not in LINEAR
        if node.output[0] in marked or (passes and wide.issuperset(node.input)):
            wide.update(node.output)
            pure.add(node.output[0])
    return pure - marked


def _pairs_of(index: GraphIndex, marked: set[Name]) -> set[Name]:
    found: set[Name] = set()
    for node in reversed(index.graph.node):
        readers = {reader.output[0] for reader in index.readers(node.output[0])}
        if node.op_type in LINEAR and readers and readers <= marked | found:
            found.add(node.output[0])
    return found
