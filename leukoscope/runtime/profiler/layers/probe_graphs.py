"""Small graphs that find out how fast this machine's kernels can multiply, written without the onnx package."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.onnx_fields import FLOAT32, INT8, TENSOR_NAME, UINT8, message, plain_node
from leukoscope.bundle.onnx_wire import (
    DIM_VALUE,
    GRAPH_INITIALIZERS,
    GRAPH_INPUTS,
    GRAPH_NODES,
    GRAPH_OUTPUTS,
    MODEL_GRAPH,
    MODEL_IR,
    MODEL_OPSETS,
    OPSET_VERSION,
    SHAPE_DIMS,
    TENSOR_DIMS,
    TENSOR_ELEMENT,
    TENSOR_RAW,
    TENSOR_SHAPE,
    TENSOR_TYPE,
    TYPE_TENSOR,
    VALUE_NAME,
    VALUE_TYPE,
)

IR_VERSION, OPSET = 8, 18
GRAPH_NAME, INT32 = 2, 6
SEED = 20_000
Shape = Sequence[int]


@dataclass(frozen=True, eq=False)
class Probe:
    """A graph of one product: `make` gives its bytes and what it is fed with; `operations` of one run."""

    name: str
    operations: int
    make: Callable[[], tuple[bytes, NDArray[np.generic]]]


def float_probes() -> tuple[Probe, ...]:
    """Products in float32: square matrices of two sizes, and a 3 x 3 convolution of 256 channels."""
    return (_matrix(512, "MatMul"), _matrix(1024, "MatMul"), _convolution(256, 28))


def int8_probes() -> tuple[Probe, ...]:
    """Products of uint8 by int8."""
    return _matrix(512, "MatMulInteger"), _matrix(1024, "MatMulInteger")


def _matrix(side: int, operator: str) -> Probe:
    def make() -> tuple[bytes, NDArray[np.generic]]:
        rng = np.random.default_rng(SEED)
        if operator == "MatMul":
            a = rng.standard_normal((side, side), np.float32)
            b = rng.standard_normal((side, side), np.float32)
            return _model(operator, a, FLOAT32, b, FLOAT32, (a.shape, FLOAT32)), a
        bytes_in = rng.integers(0, 255, (side, side), np.uint8)
        weights = rng.integers(-127, 127, (side, side), np.int8)
        result = (bytes_in.shape, INT32)
        return _model(operator, bytes_in, UINT8, weights, INT8, result), bytes_in

    return Probe(f"{operator} {side} x {side} x {side}", 2 * side**3, make)


def _convolution(channels: int, side: int) -> Probe:
    inner = side - 2

    def make() -> tuple[bytes, NDArray[np.generic]]:
        rng = np.random.default_rng(SEED)
        data = rng.standard_normal((1, channels, side, side), np.float32)
        weights = rng.standard_normal((channels, channels, 3, 3), np.float32)
        result = ((1, channels, inner, inner), FLOAT32)
        return _model("Conv", data, FLOAT32, weights, FLOAT32, result), data

    name = f"Conv 3 x 3, {channels} channels, {side} px"
    return Probe(name, 2 * inner * inner * channels * channels * 9, make)


def _model(
    operator: str,
    data: NDArray[np.generic],
    kind: int,
    weights: NDArray[np.generic],
    weights_kind: int,
    result: tuple[Shape, int],
) -> bytes:
    """`y = operator(x, w)`."""
    graph = message(
        [
            (GRAPH_NODES, plain_node(operator, ("x", "w"), "y")),
            (GRAPH_NAME, b"probe"),
            (GRAPH_INITIALIZERS, _tensor("w", weights, weights_kind)),
            (GRAPH_INPUTS, _port("x", data.shape, kind)),
            (GRAPH_OUTPUTS, _port("y", *result)),
        ]
    )
    opset = message([(OPSET_VERSION, OPSET)])
    return message([(MODEL_IR, IR_VERSION), (MODEL_GRAPH, graph), (MODEL_OPSETS, opset)])


def _tensor(name: str, values: NDArray[np.generic], kind: int) -> bytes:
    return message(
        [
            *((TENSOR_DIMS, side) for side in values.shape),
            (TENSOR_TYPE, kind),
            (TENSOR_NAME, name.encode()),
            (TENSOR_RAW, np.ascontiguousarray(values).tobytes()),
        ]
    )


def _port(name: str, shape: Shape, kind: int) -> bytes:
    sides = message((SHAPE_DIMS, message([(DIM_VALUE, side)])) for side in shape)
    tensor = message([(TENSOR_ELEMENT, kind), (TENSOR_SHAPE, sides)])
    return message([(VALUE_NAME, name.encode()), (VALUE_TYPE, message([(TYPE_TENSOR, tensor)]))])
