"""Small questions to an ONNX graph: what is stored, who computes a tensor, an attribute of a node."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from leukoscope.calibration.graph_index import GraphIndex

MOVES = frozenset(
    [
        *("Concat", "Expand", "Flatten", "Gather", "Identity", "Pad", "Reshape"),
        *("Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"),
    ]
)
"""Operators that carry values from place to place and compute none."""


def stored(index: GraphIndex, name: str) -> NDArray[np.generic] | None:
    """The values of the initializer `name`; None if there is none."""
    tensor = index.constants.get(name)
    return None if tensor is None else numpy_helper.to_array(tensor)


def made_by(index: GraphIndex, name: str, *operators: str) -> onnx.NodeProto | None:
    """The node that computes `name`, if it is one of `operators`."""
    node = index.producers.get(name) if name else None
    return node if node is not None and node.op_type in operators else None


def integer(node: onnx.NodeProto, attribute: str, default: int) -> int:
    """An integer attribute of a node."""
    return next((int(a.i) for a in node.attribute if a.name == attribute), default)


def first_input(node: onnx.NodeProto) -> str:
    """What a node reads first; '' where it reads nothing."""
    return str(node.input[0]) if node.input else ""
