"""Nodes, constants and their sizes, read from an ONNX file on the wire: what operations and bytes are counted from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from leukoscope.bundle.onnx_fields import NODE_INPUTS, NODE_NAME, NODE_OUTPUTS, TENSOR_NAME
from leukoscope.bundle.onnx_wire import (
    DTYPES,
    ELEMENTS_LIMIT,
    GRAPH_INITIALIZERS,
    GRAPH_NODES,
    GRAPH_OUTPUTS,
    ITEM_BYTES,
    MODEL_GRAPH,
    NODE_ATTRIBUTES,
    NODE_OPERATOR,
    TENSOR_DIMS,
    TENSOR_TYPE,
    VALUE_NAME,
)
from leukoscope.bundle.protobuf import Message, Wire

ATTRIBUTE_NAME, ATTRIBUTE_INTS = 1, 8
KERNEL = "kernel_shape"
RUNTIME_DTYPES = {"float32": "float", "float64": "double"}
"""Where ONNX Runtime's word is another."""


@dataclass(frozen=True)
class GraphNode:
    """One node; `kernel` is the window of a convolution or a pooling, where the file gives it."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kernel: tuple[int, ...] = ()


@dataclass(frozen=True)
class Constant:
    """A weight; `dtype` as ONNX Runtime calls it: `float`, `int8`."""

    shape: tuple[int, ...]
    dtype: str
    size_bytes: int


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """A network as the file has it."""

    nodes: tuple[GraphNode, ...]
    constants: Mapping[str, Constant]
    outputs: frozenset[str]

    @cached_property
    def by_name(self) -> Mapping[str, GraphNode]:
        """Nodes by their names; those whose name is empty or not theirs alone are left out."""
        counts: dict[str, int] = {}
        for node in self.nodes:
            counts[node.name] = counts.get(node.name, 0) + 1
        return {node.name: node for node in self.nodes if node.name and counts[node.name] == 1}

    @cached_property
    def producer(self) -> Mapping[str, GraphNode]:
        """Which node gives a tensor."""
        return {name: node for node in self.nodes for name in node.outputs if name}

    @cached_property
    def readers(self) -> Mapping[str, tuple[GraphNode, ...]]:
        """Which nodes read a tensor."""
        found: dict[str, list[GraphNode]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    @cached_property
    def constant_bytes(self) -> int:
        """Of all weights."""
        return sum(one.size_bytes for one in self.constants.values())


def read_network_graph(data: bytes, file: str) -> NetworkGraph:
    """Bytes of an ONNX model -> its nodes and constants. InputError where the wire format is unsound."""
    wire = Wire(file)
    graph = wire.one(wire.message(memoryview(data)), MODEL_GRAPH)
    if graph is None:
        raise wire.fault("it has no graph")
    tensors = wire.messages(graph, GRAPH_INITIALIZERS)
    return NetworkGraph(
        nodes=tuple(_node(wire, node) for node in wire.messages(graph, GRAPH_NODES)),
        constants={wire.text(one, TENSOR_NAME): _constant(wire, one) for one in tensors},
        outputs=frozenset(wire.text(o, VALUE_NAME) for o in wire.messages(graph, GRAPH_OUTPUTS)),
    )


def _node(wire: Wire, fields: Message) -> GraphNode:
    return GraphNode(
        name=wire.text(fields, NODE_NAME),
        operator=wire.text(fields, NODE_OPERATOR),
        inputs=_texts(fields, NODE_INPUTS),
        outputs=_texts(fields, NODE_OUTPUTS),
        kernel=_kernel(wire, fields),
    )


def _kernel(wire: Wire, fields: Message) -> tuple[int, ...]:
    for attribute in wire.messages(fields, NODE_ATTRIBUTES):
        if wire.text(attribute, ATTRIBUTE_NAME) == KERNEL:
            return tuple(wire.integers(attribute, ATTRIBUTE_INTS))
    return ()


def _constant(wire: Wire, fields: Message) -> Constant:
    shape = tuple(wire.integers(fields, TENSOR_DIMS))
    if any(side < 0 for side in shape) or math.prod(shape) > ELEMENTS_LIMIT:
        raise wire.fault(f"a tensor of shape {shape[:16]}")
    kind = wire.integer(fields, TENSOR_TYPE)
    dtype = DTYPES.get(kind, "")
    size_bytes = math.prod(shape) * ITEM_BYTES.get(kind, 0)
    return Constant(shape, RUNTIME_DTYPES.get(dtype, dtype), size_bytes)


def _texts(fields: Message, number: int) -> tuple[str, ...]:
    return tuple(
        "" if isinstance(one, int) else str(one, "utf-8", "replace")
        for one in fields.get(number, ())
    )
