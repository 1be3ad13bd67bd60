"""Where Q/DQ pairs go.

    conv -> relu -> [Q DQ] -> conv         a layer's input, behind the activation that made it
    conv -> relu -> [Q DQ] -> concat -> [Q DQ] -> conv      branches take the scale of what they are joined to
    conv -> [Q DQ] -> maxpool -> [Q DQ] -> add              a pool keeps its input's scale
                                  x ---------^              the other branch of a sum stays as it is

The output of a layer has a pair of its own wherever something else than another layer reads it, because ONNX Runtime
computes a convolution in integers only between two pairs; TensorRT merges what it does not need. A layer whose output the
maps, a resampling or the graph's own outputs read gives it in float. A layer that stays in float reads float.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import onnx

from leukoscope.calibration.graph_index import GraphIndex, left_alone
from leukoscope.calibration.layers import Layer

TAKES_QUANTIZED = ("Conv", "Concat", "Add", "MaxPool", "AveragePool", "Relu", "Clip")


@dataclass(frozen=True)
class Placement:
    """Which tensors get a pair, and who reads what comes out of it."""

    layers: tuple[Layer, ...]
    """Those that are computed in INT8."""
    tensors: tuple[str, ...]
    for_all: frozenset[str]
    """Tensors that all readers but float layers take from the pair; of the others only layers, pools and joins do."""
    scale_of: Mapping[str, str]
    """The tensor whose range a tensor takes, where that is another one."""

    def range_of(self, tensor: str) -> str:
        """The tensor whose range gives the scale."""
        while tensor in self.scale_of:
            tensor = self.scale_of[tensor]
        return tensor


def place(index: GraphIndex, layers: Collection[Layer]) -> Placement:
    """The pairs for these layers in INT8 and all else in float."""
    read = {layer.data for layer in layers}
    given = {layer.output for layer in layers if _may_be_given(index, layer.output)}
    pooled = {node.output[0] for node in _pools(index, read | given)}
    tensors = read | given | pooled
    joins = _joins(index, tensors)
    return Placement(
        layers=tuple(layers),
        tensors=tuple(name for node in index.graph.node for name in node.output if name in tensors),
        for_all=frozenset(given | pooled),
        scale_of={**_pool_scales(index, pooled), **joins},
    )


def takes_pair(
    node: onnx.NodeProto, tensor: str, placement: Placement, int8: Collection[str]
) -> bool:
    """Whether `node` reads `tensor` from its pair; `int8` are the names of the layers in INT8."""
    if tensor not in placement.tensors or left_alone(node):
        return False
    if node.op_type == "Conv":
        # ONNX Runtime quantizes a float layer between two pairs by itself, and more coarsely than we would.
        return node.name in int8
    if tensor in placement.for_all:
        return True
    return (
        node.op_type in ("MaxPool", "AveragePool", "Concat") and node.output[0] in placement.tensors
    )


def _may_be_given(index: GraphIndex, tensor: str) -> bool:
    readers = index.readers(tensor)
    return (
        bool(readers)
        and tensor not in index.outputs
        and all(node.op_type in TAKES_QUANTIZED and not left_alone(node) for node in readers)
    )


def _pools(index: GraphIndex, tensors: Collection[str]) -> Iterator[onnx.NodeProto]:
    for node in index.graph.node:
        pools = node.op_type == "MaxPool" and node.input[0] in tensors
        if pools and _may_be_given(index, node.output[0]):
            yield node


def _pool_scales(index: GraphIndex, pooled: Collection[str]) -> dict[str, str]:
    return {name: index.producers[name].input[0] for name in pooled}


def _joins(index: GraphIndex, tensors: Collection[str]) -> dict[str, str]:
    """Branches that only a join reads, by the join's output."""
    return {
        name: node.output[0]
        for node in index.graph.node
        if node.op_type == "Concat" and node.output[0] in tensors
        for name in node.input
        if name in tensors and index.only_reader(name) is not None
    }
