"""Nodes and constants of an ONNX graph, written for the wire."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.onnx_fields import (
    ATTRIBUTE_INT,
    ATTRIBUTE_INTS,
    ATTRIBUTE_NAME,
    ATTRIBUTE_TYPE,
    DTYPES,
    INT,
    INTS,
    NODE_INPUTS,
    NODE_NAME,
    NODE_OUTPUTS,
    TENSOR_NAME,
    Field,
    message,
)
from leukoscope.bundle.onnx_wire import (
    NODE_ATTRIBUTES,
    NODE_OPERATOR,
    TENSOR_DIMS,
    TENSOR_RAW,
    TENSOR_TYPE,
)

Attributes = Mapping[str, int | Sequence[int]]


def constant(name: str, array: NDArray[Any]) -> bytes:
    """A float32, uint8, int8 or int64 tensor."""
    kind = next(kind for kind, dtype in DTYPES.items() if np.dtype(dtype) == array.dtype)
    sides = ((TENSOR_DIMS, side) for side in array.shape)
    rest = ((TENSOR_TYPE, kind), (TENSOR_NAME, name.encode()), (TENSOR_RAW, array.tobytes()))
    return message([*sides, *rest])


def node(
    operator: str, inputs: Sequence[str], output: str, attributes: Attributes, name: str = ""
) -> bytes:
    """A node, named after its output if not otherwise; attributes are numbers or lists of numbers, none below 0."""
    fields: list[Field] = [(NODE_INPUTS, tensor.encode()) for tensor in inputs]
    called = name or f"{output}/{operator}"
    fields += [(NODE_OUTPUTS, output.encode()), (NODE_NAME, called.encode())]
    fields += [(NODE_OPERATOR, operator.encode())]
    fields += [(NODE_ATTRIBUTES, _attribute(*attribute)) for attribute in attributes.items()]
    return message(fields)


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        numbers, kind = [(ATTRIBUTE_INT, value)], INT
    else:
        numbers, kind = [(ATTRIBUTE_INTS, item) for item in value], INTS
    return message([(ATTRIBUTE_NAME, name.encode()), *numbers, (ATTRIBUTE_TYPE, kind)])
