"""The layers of a float graph that can be computed in INT8: its convolutions."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx

from leukoscope.calibration.graph_index import GraphIndex, index_graph, left_alone

ACTIVATIONS = ("Relu", "Clip")


@dataclass(frozen=True)
class Layer:
    """One convolution with the activation behind it."""

    name: str
    """Of its node, `inception.stem.0.conv/Conv`."""
    data: str
    """Tensor that it reads."""
    weight: str
    """Constant [O, I / groups, h, w]."""
    output: str
    """Tensor behind its activation, if it has one."""
    multiply_adds: int
    """For one image; 0 where the shape is not known."""


def find_layers(model: onnx.ModelProto) -> tuple[Layer, ...]:
    """The convolutions in the order of computation.

    Not those in the maps' branch or the saliency prior, and not those on a map of one position (channel attention),
    which cost nothing and end in a sigmoid. Weights must be constants.
    """
    index = index_graph(model.graph)
    shapes = _shapes(model)
    found = []
    for node in model.graph.node:
        if node.op_type != "Conv" or left_alone(node) or node.input[1] not in index.constants:
            continue
        plane = _plane(shapes.get(node.output[0], ()))
        if plane != 1:
            found.append(_layer(node, index, plane))
    return tuple(found)


def share_of_work(layers: Iterable[Layer], chosen: Iterable[str]) -> float:
    """Share of the layers' multiply-adds that falls on those named in `chosen`, 0 to 1."""
    wanted, total, part = set(chosen), 0, 0
    for layer in layers:
        total += layer.multiply_adds
        part += layer.multiply_adds if layer.name in wanted else 0
    return part / total if total else 0.0


def _layer(node: onnx.NodeProto, index: GraphIndex, plane: int) -> Layer:
    behind = index.only_reader(node.output[0])
    active = behind is not None and behind.op_type in ACTIVATIONS and not left_alone(behind)
    output = behind.output[0] if active and behind is not None else node.output[0]
    size = int(np.prod(index.constants[node.input[1]].dims))
    return Layer(node.name, node.input[0], node.input[1], output, plane * size)


def _shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Known shapes by tensor; a side that is not known is 0."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    values = (*inferred.value_info, *inferred.output)
    return {
        value.name: tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
        for value in values
    }


def _plane(shape: tuple[int, ...]) -> int:
    return shape[2] * shape[3] if len(shape) == 4 else 0
