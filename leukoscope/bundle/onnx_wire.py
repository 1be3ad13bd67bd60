"""What an ONNX file says of itself, read from the wire without the onnx package, and the rules it must keep.

    facts = read_graph(data, "xincept_all.fp32.onnx")    # GraphFacts, InputError if it cannot be read safely
    facts = check_graph(data, "xincept_all.fp32.onnx")   # the same, and the rules of docs/bundle-format.md

Field numbers are those of onnx.proto (onnx 1.18, proto3 and proto2 alike).
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from leukoscope.bundle.protobuf import Message, Wire
from leukoscope.errors import InputError

OPSET_LIMIT = 19
IR_LIMIT = 10
DEPTH_LIMIT = 8
NODES_LIMIT = 200_000
FILE_LIMIT_BYTES = 2 << 30
ELEMENTS_LIMIT = 1 << 31
DEFAULT_DOMAINS = ("", "ai.onnx")

DTYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16",
}  # fmt: skip
ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}

# onnx.proto's field numbers, by message.
MODEL_IR, MODEL_GRAPH, MODEL_OPSETS, MODEL_TRAINING, MODEL_FUNCTIONS = 1, 7, 8, 20, 25
OPSET_DOMAIN, OPSET_VERSION = 1, 2
GRAPH_NODES, GRAPH_INITIALIZERS, GRAPH_INPUTS, GRAPH_OUTPUTS, GRAPH_SPARSE = 1, 5, 11, 12, 15
NODE_OPERATOR, NODE_ATTRIBUTES, NODE_DOMAIN = 4, 5, 7
ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS = 5, 6, 10, 11
ATTRIBUTE_SPARSE = (22, 23)
TENSOR_DIMS, TENSOR_TYPE, TENSOR_RAW, TENSOR_EXTERNAL, TENSOR_LOCATION = 1, 2, 9, 13, 14
TENSOR_TYPED = (4, 5, 7, 10, 11)
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR, TENSOR_ELEMENT, TENSOR_SHAPE, SHAPE_DIMS, DIM_VALUE, DIM_NAME = 1, 1, 2, 1, 1, 2


@dataclass(frozen=True)
class Port:
    """One input or output: its name, dtype, and shape; a side is a number, a symbol, or '' if not given."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class GraphFacts:
    """What a graph needs and gives; `operators` counts nodes by type, subgraphs included."""

    ir_version: int
    opset: int
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operators: Mapping[str, int]
    initializer_bytes: int


@dataclass
class _Tally:
    operators: Counter[str] = field(default_factory=Counter)
    initializer_bytes: int = 0


def check_graph(data: bytes, name: str) -> GraphFacts:
    """The facts of a network's graph; InputError unless it keeps the rules: versions, `frames` in, maps out."""
    facts = read_graph(data, name)
    if facts.opset > OPSET_LIMIT or facts.ir_version > IR_LIMIT:
        found = f"{name} has opset {facts.opset} and IR {facts.ir_version}"
        raise InputError(found, wanted=f"opset <= {OPSET_LIMIT} and IR <= {IR_LIMIT}")
    frames = [port for port in facts.inputs if _takes_frames(port)]
    if len(frames) != 1 or len(facts.inputs) != 1:
        found = f"{name} takes {_ports(facts.inputs)}"
        raise InputError(found, wanted="frames uint8 [B, S, S, 3] and nothing else")
    given = {port.name: port for port in facts.outputs}
    good = all(port.dtype == "float32" for port in facts.outputs)
    if (
        not good
        or not {"probabilities", "cams"} <= given.keys()
        or len(given) != len(facts.outputs)
    ):
        found = f"{name} gives {_ports(facts.outputs)}"
        raise InputError(found, wanted="float32 outputs, among them probabilities and cams")
    return facts


def read_graph(data: bytes, name: str) -> GraphFacts:
    """Bytes of an ONNX model -> its facts.

    InputError if the wire format is unsound, or if the model has functions, operators of another domain, external
    data, training parts or sparse tensors: what would need code or files from elsewhere.
    """
    if len(data) > FILE_LIMIT_BYTES:
        raise InputError(f"{name} has {len(data)} bytes", wanted=f"at most {FILE_LIMIT_BYTES}")
    wire = Wire(name)
    model = wire.message(memoryview(data))
    if MODEL_FUNCTIONS in model or MODEL_TRAINING in model:
        raise InputError(f"{name} has functions or training parts", wanted="one plain graph")
    graph = wire.one(model, MODEL_GRAPH)
    if graph is None:
        raise wire.fault("it has no graph")
    tally = _Tally()
    _read_graph(wire, graph, tally, name, 0)
    return GraphFacts(
        ir_version=wire.integer(model, MODEL_IR),
        opset=_opset(wire, model, name),
        inputs=tuple(_port(wire, value) for value in wire.messages(graph, GRAPH_INPUTS)),
        outputs=tuple(_port(wire, value) for value in wire.messages(graph, GRAPH_OUTPUTS)),
        operators=dict(sorted(tally.operators.items())),
        initializer_bytes=tally.initializer_bytes,
    )


def _opset(wire: Wire, model: Message, name: str) -> int:
    """The version of the default domain; InputError unless that is the only domain, named once."""
    found = [
        (wire.text(entry, OPSET_DOMAIN), wire.integer(entry, OPSET_VERSION))
        for entry in wire.messages(model, MODEL_OPSETS)
    ]
    if len(found) != 1 or found[0][0] not in DEFAULT_DOMAINS or found[0][1] < 1:
        listed = ", ".join(f"{domain or 'ai.onnx'!r} {version}" for domain, version in found[:5])
        raise InputError(
            f"{name} imports the opsets {listed or 'none'}", wanted="the default one only"
        )
    return found[0][1]


def _read_graph(wire: Wire, graph: Message, tally: _Tally, name: str, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise wire.fault(f"subgraphs nested deeper than {DEPTH_LIMIT}")
    if GRAPH_SPARSE in graph:
        raise InputError(f"{name} has sparse tensors", wanted="dense ones")
    for tensor in wire.messages(graph, GRAPH_INITIALIZERS):
        tally.initializer_bytes += _tensor_bytes(wire, tensor, name)
    for node in wire.messages(graph, GRAPH_NODES):
        _read_node(wire, node, tally, name, depth)


def _read_node(wire: Wire, node: Message, tally: _Tally, name: str, depth: int) -> None:
    operator, domain = wire.text(node, NODE_OPERATOR), wire.text(node, NODE_DOMAIN)
    if domain not in DEFAULT_DOMAINS:
        found = f"{name} has the operator {operator[:40]!r} of the domain {domain[:40]!r}"
        raise InputError(found, wanted="operators of the default domain only")
    tally.operators[operator] += 1
    if tally.operators.total() > NODES_LIMIT:
        raise wire.fault(f"more than {NODES_LIMIT} nodes")
    for attribute in wire.messages(node, NODE_ATTRIBUTES):
        _read_attribute(wire, attribute, tally, name, depth)


def _read_attribute(wire: Wire, attribute: Message, tally: _Tally, name: str, depth: int) -> None:
    if any(number in attribute for number in ATTRIBUTE_SPARSE):
        raise InputError(f"{name} has sparse tensors", wanted="dense ones")
    single = wire.one(attribute, ATTRIBUTE_TENSOR)
    tensors = [single] if single is not None else []
    for tensor in [*tensors, *wire.messages(attribute, ATTRIBUTE_TENSORS)]:
        tally.initializer_bytes += _tensor_bytes(wire, tensor, name)
    inner = wire.one(attribute, ATTRIBUTE_GRAPH)
    graphs = [inner] if inner is not None else []
    for graph in [*graphs, *wire.messages(attribute, ATTRIBUTE_GRAPHS)]:
        _read_graph(wire, graph, tally, name, depth + 1)


def _tensor_bytes(wire: Wire, tensor: Message, name: str) -> int:
    """The bytes of a tensor's data; InputError for external data or data of another length than the shape's."""
    if TENSOR_EXTERNAL in tensor or wire.integer(tensor, TENSOR_LOCATION) != 0:
        raise InputError(f"{name} has external data", wanted="all tensors inside the file")
    dims = wire.integers(tensor, TENSOR_DIMS)
    if len(dims) > 16 or any(side < 0 for side in dims) or math.prod(dims) > ELEMENTS_LIMIT:
        raise wire.fault(f"a tensor of shape {dims[:16]}")
    raw = wire.length(tensor, TENSOR_RAW)
    item_bytes = ITEM_BYTES.get(wire.integer(tensor, TENSOR_TYPE))
    if TENSOR_RAW in tensor and item_bytes and raw != math.prod(dims) * item_bytes:
        raise wire.fault(f"a tensor of shape {dims} with {raw} bytes")
    return raw + sum(_typed_bytes(tensor, number) for number in TENSOR_TYPED)


def _typed_bytes(tensor: Message, number: int) -> int:
    return sum(1 if isinstance(v, int) else len(v) for v in tensor.get(number, ()))


def _port(wire: Wire, value: Message) -> Port:
    name = wire.text(value, VALUE_NAME)
    kind = wire.one(value, VALUE_TYPE) or {}
    tensor = wire.one(kind, TYPE_TENSOR) or {}
    shape = wire.one(tensor, TENSOR_SHAPE) or {}
    sides = tuple(_side(wire, side) for side in wire.messages(shape, SHAPE_DIMS))
    return Port(name, DTYPES.get(wire.integer(tensor, TENSOR_ELEMENT), "unknown"), sides)


def _side(wire: Wire, side: Message) -> int | str:
    return wire.integer(side, DIM_VALUE) if DIM_VALUE in side else wire.text(side, DIM_NAME)


def _takes_frames(port: Port) -> bool:
    if port.name != "frames" or port.dtype != "uint8" or len(port.shape) != 4:
        return False
    _, height, width, channels = port.shape
    return isinstance(height, int) and height == width and height > 0 and channels == 3


def _ports(ports: tuple[Port, ...]) -> str:
    return ", ".join(f"{p.name[:40]} {p.dtype} {list(p.shape)[:8]}" for p in ports[:8]) or "nothing"
