"""Nodes and constants of an ONNX graph on the wire, for the few changes that a device makes to a graph before it runs it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.onnx_wire import (
    GRAPH_INITIALIZERS,
    GRAPH_NODES,
    GRAPH_OUTPUTS,
    MODEL_GRAPH,
    MODEL_OPSETS,
    NODE_ATTRIBUTES,
    NODE_OPERATOR,
    OPSET_VERSION,
    SHAPE_DIMS,
    TENSOR_DIMS,
    TENSOR_RAW,
    TENSOR_SHAPE,
    TENSOR_TYPE,
    TYPE_TENSOR,
    VALUE_NAME,
    VALUE_TYPE,
)
from leukoscope.bundle.protobuf import Message, Value, Wire, encode, head

NODE_INPUTS, NODE_OUTPUTS, NODE_NAME = 1, 2, 3
ATTRIBUTE_NAME, ATTRIBUTE_INT, ATTRIBUTE_STRING, ATTRIBUTE_INTS, ATTRIBUTE_TYPE = 1, 3, 4, 8, 20
INT, INTS = 2, 7
NOT_SET = b"NOTSET"
TENSOR_NAME = 8
FLOAT32, UINT8, INT8, INT64 = 1, 2, 3, 7
DTYPES = {FLOAT32: "<f4", UINT8: "u1", INT8: "i1", INT64: "<i8"}

Field = tuple[int, Value | bytes]


@dataclass(frozen=True)
class Node:
    """What a node computes from which tensors; attributes stay on the wire."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    name: str = ""


class GraphFields:
    """The fields of a model and of its graph, in the order of the wire. InputError where the wire is unsound."""

    def __init__(self, data: bytes, name: str) -> None:
        self._wire = Wire(name)
        self._model = list(self._wire.fields(memoryview(data)))
        graphs = list(self._views(self._model, MODEL_GRAPH))
        if len(graphs) != 1:
            raise self._wire.fault(f"{len(graphs)} graphs")
        self._graph = list(self._wire.fields(graphs[0]))
        self._node_views = list(self._views(self._graph, GRAPH_NODES))
        self.nodes = [self._node(view) for view in self._node_views]
        tensors = list(map(self._wire.message, self._views(self._graph, GRAPH_INITIALIZERS)))
        self._names = [self._wire.text(tensor, TENSOR_NAME) for tensor in tensors]
        self.constants = dict(zip(self._names, tensors, strict=True))
        if len(self.constants) != len(tensors):
            raise self._wire.fault("two constants of one name")
        ports = list(map(self._wire.message, self._views(self._graph, GRAPH_OUTPUTS)))
        self.ranks = {self._wire.text(port, VALUE_NAME): self._rank(port) for port in ports}
        """How many sides each output of the graph has; 0 where the file does not say."""
        self.outputs = frozenset(self.ranks)

    @cached_property
    def opset(self) -> int:
        """The version of the default domain; 0 where the file names several domains or none."""
        entries = list(map(self._wire.message, self._views(self._model, MODEL_OPSETS)))
        return self._wire.integer(entries[0], OPSET_VERSION) if len(entries) == 1 else 0

    @cached_property
    def makers(self) -> Mapping[str, int]:
        """The place of the node that makes a tensor, by the tensor's name."""
        return {name: at for at, node in enumerate(self.nodes) for name in node.outputs}

    @cached_property
    def readers(self) -> Mapping[str, tuple[int, ...]]:
        """The places of the nodes that read a tensor, as often as they read it, by the tensor's name."""
        found: dict[str, list[int]] = {}
        for at, node in enumerate(self.nodes):
            for name in node.inputs:
                found.setdefault(name, []).append(at)
        return {name: tuple(places) for name, places in found.items()}

    def reader(self, name: str) -> int | None:
        """The place of the one node that reads a tensor; None for none, for several, and for an output of the graph."""
        places = self.readers.get(name, ())
        return places[0] if len(places) == 1 and name not in self.outputs else None

    def attributes(self, place: int) -> dict[str, tuple[int, ...]]:
        """The node's attributes by name, a number as one; () for those of another type; none for `auto_pad` NOTSET."""
        node = self._wire.message(self._node_views[place])
        found = {}
        for attribute in self._wire.messages(node, NODE_ATTRIBUTES):
            if NOT_SET in attribute.get(ATTRIBUTE_STRING, ()):
                continue
            kind = self._wire.integer(attribute, ATTRIBUTE_TYPE)
            number = {INT: ATTRIBUTE_INT, INTS: ATTRIBUTE_INTS}.get(kind)
            values = () if number is None else tuple(self._wire.integers(attribute, number))
            zero = (0,) if kind == INT else ()
            found[self._wire.text(attribute, ATTRIBUTE_NAME)] = values or zero
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a constant; () for a scalar, and where there is no such constant."""
        return tuple(self._wire.integers(self.constants.get(name, {}), TENSOR_DIMS))

    def array(self, name: str, kind: int) -> NDArray[Any] | None:
        """A constant of this type (FLOAT32, UINT8, INT8) that is stored raw, not to be written to; None for any other."""
        tensor = self.constants.get(name)
        if tensor is None or tensor.get(TENSOR_TYPE) != [kind]:
            return None
        raw = tensor.get(TENSOR_RAW, [0])[0]
        shape, dtype = self.shape(name), np.dtype(DTYPES[kind])
        if isinstance(raw, int) or min(shape, default=1) < 1:
            return None
        if len(raw) != prod(shape) * dtype.itemsize:
            return None
        return np.frombuffer(raw, dtype).reshape(shape)

    def changed(
        self,
        nodes: Mapping[int, Sequence[bytes]],
        constants: Mapping[str, bytes | None],
        added: Iterable[bytes] = (),
    ) -> bytes:
        """The model with other nodes, or none, at these places, other constants, or none, of these names, and constants added."""
        fields = [*self._changed(nodes, constants), *((GRAPH_INITIALIZERS, one) for one in added)]
        graph = list(_pieces(fields))
        pieces: list[bytes | memoryview] = []
        for number, value in self._model:
            if number == MODEL_GRAPH:
                pieces += [head(number, sum(map(len, graph))), *graph]
            else:
                pieces += _pieces([(number, value)])
        return b"".join(pieces)

    def _changed(
        self, nodes: Mapping[int, Sequence[bytes]], constants: Mapping[str, bytes | None]
    ) -> Iterator[Field]:
        places = {GRAPH_NODES: -1, GRAPH_INITIALIZERS: -1}
        for number, value in self._graph:
            places[number] = places.get(number, -1) + 1
            if number == GRAPH_NODES and places[number] in nodes:
                yield from ((number, node) for node in nodes[places[number]])
                continue
            kept: Value | bytes | None = value
            if number == GRAPH_INITIALIZERS:
                kept = constants.get(self._names[places[number]], value)
            if kept is not None:
                yield number, kept

    def _rank(self, port: Message) -> int:
        kind = self._wire.one(port, VALUE_TYPE) or {}
        tensor = self._wire.one(kind, TYPE_TENSOR) or {}
        return len((self._wire.one(tensor, TENSOR_SHAPE) or {}).get(SHAPE_DIMS, ()))

    def _node(self, view: memoryview) -> Node:
        fields = self._wire.message(view)
        if NODE_OUTPUTS not in fields:
            raise self._wire.fault("a node without outputs")
        return Node(
            self._wire.text(fields, NODE_OPERATOR),
            tuple(_text(item) for item in fields.get(NODE_INPUTS, ())),
            tuple(_text(item) for item in fields.get(NODE_OUTPUTS, ())),
            self._wire.text(fields, NODE_NAME),
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
    dtype = DTYPES[kind]
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
    return b"".join(_pieces(fields))


def _pieces(fields: Iterable[Field]) -> Iterator[bytes | memoryview]:
    """What stands on the wire, piece by piece: large tensors are copied once, when all is put together."""
    for number, value in fields:
        if isinstance(value, int):
            yield encode(number, value)
        else:
            yield head(number, len(value))
            yield value


def _text(value: Value) -> str:
    return "" if isinstance(value, int) else str(value, "utf-8", "replace")
