"""Nodes and constants of an ONNX graph on the wire, for the few changes that a device makes to a graph before it runs it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.bundle.onnx_wire import (
    GRAPH_INITIALIZERS,
    GRAPH_NODES,
    GRAPH_OUTPUTS,
    MODEL_GRAPH,
    NODE_OPERATOR,
    TENSOR_RAW,
    TENSOR_TYPE,
    VALUE_NAME,
)
from leukoscope.bundle.protobuf import Message, Value, Wire, encode

NODE_INPUTS, NODE_OUTPUTS, NODE_NAME = 1, 2, 3
TENSOR_NAME = 8
FLOAT32, UINT8, INT8 = 1, 2, 3

Field = tuple[int, Value | bytes]


@dataclass(frozen=True)
class Node:
    """What a node computes from which tensors; attributes stay on the wire."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class GraphFields:
    """The fields of a model and of its graph, in the order of the wire. InputError where the wire is unsound."""

    def __init__(self, data: bytes, name: str) -> None:
        self._wire = Wire(name)
        self._model = list(self._wire.fields(memoryview(data)))
        graphs = list(self._views(self._model, MODEL_GRAPH))
        if len(graphs) != 1:
            raise self._wire.fault(f"{len(graphs)} graphs")
        self._graph = list(self._wire.fields(graphs[0]))
        self.nodes = [self._node(view) for view in self._views(self._graph, GRAPH_NODES)]
        tensors = list(map(self._wire.message, self._views(self._graph, GRAPH_INITIALIZERS)))
        self._names = [self._wire.text(tensor, TENSOR_NAME) for tensor in tensors]
        self.constants = dict(zip(self._names, tensors, strict=True))
        if len(self.constants) != len(tensors):
            raise self._wire.fault("two constants of one name")
        self.outputs = frozenset(
            self._wire.text(self._wire.message(view), VALUE_NAME)
            for view in self._views(self._graph, GRAPH_OUTPUTS)
        )

    def changed(
        self, nodes: dict[int, bytes], constants: dict[str, bytes], added: Iterable[bytes]
    ) -> bytes:
        """The model with other nodes at these places, other constants of these names, and constants added."""
        graph = [*self._changed(nodes, constants), *((GRAPH_INITIALIZERS, one) for one in added)]
        return message(
            (number, message(graph) if number == MODEL_GRAPH else value)
            for number, value in self._model
        )

    def _changed(self, nodes: dict[int, bytes], constants: dict[str, bytes]) -> Iterator[Field]:
        places = {GRAPH_NODES: -1, GRAPH_INITIALIZERS: -1}
        for number, value in self._graph:
            places[number] = places.get(number, -1) + 1
            if number == GRAPH_NODES:
                yield number, nodes.get(places[number], value)
            elif number == GRAPH_INITIALIZERS:
                yield number, constants.get(self._names[places[number]], value)
            else:
                yield number, value

    def _node(self, view: memoryview) -> Node:
        fields = self._wire.message(view)
        if NODE_OUTPUTS not in fields:
            raise self._wire.fault("a node without outputs")
        return Node(
            self._wire.text(fields, NODE_OPERATOR),
            tuple(_text(item) for item in fields.get(NODE_INPUTS, ())),
            tuple(_text(item) for item in fields.get(NODE_OUTPUTS, ())),
        )

    def _views(self, fields: Sequence[tuple[int, Value]], number: int) -> Iterator[memoryview]:
        for found, value in fields:
            if found == number:
                if isinstance(value, int):
                    raise self._wire.fault(f"field {number} is a varint")
                yield value


def scalar(tensor: Message | None, kind: int) -> float | None:
    """The value of a scalar of this type (FLOAT32, UINT8, INT8) that is stored raw; None for any other tensor."""
    if tensor is None or tensor.get(TENSOR_TYPE) != [kind]:
        return None
    dtype = {FLOAT32: "<f4", UINT8: "u1", INT8: "i1"}[kind]
    raw = tensor.get(TENSOR_RAW, [0])[0]
    if isinstance(raw, int) or len(raw) != np.dtype(dtype).itemsize:
        return None
    return float(np.frombuffer(raw, dtype)[0])


def byte_constant(name: str, value: int) -> bytes:
    """A uint8 scalar."""
    raw = bytes([value])
    return message([(TENSOR_TYPE, UINT8), (TENSOR_NAME, name.encode()), (TENSOR_RAW, raw)])


def plain_node(operator: str, inputs: Sequence[str], output: str) -> bytes:
    """A node without attributes, named after its output."""
    return message(
        [
            *((NODE_INPUTS, name.encode()) for name in inputs),
            (NODE_OUTPUTS, output.encode()),
            (NODE_NAME, f"{output}/{operator}".encode()),
            (NODE_OPERATOR, operator.encode()),
        ]
    )


def message(fields: Iterable[Field]) -> bytes:
    """Fields on the wire."""
    return b"".join(encode(number, value) for number, value in fields)


def _text(value: Value) -> str:
    return "" if isinstance(value, int) else str(value, "utf-8", "replace")
