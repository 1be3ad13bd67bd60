"""A softmax over the planes of a picture, written out, for ONNX Runtime's kernels on a CPU.

    x -> Softmax over axis 1      becomes      x - max -> exp -> over its sum, each for all pixels at once

ONNX Runtime lays the planes pixel by pixel and takes the softmax of one pixel after the other: 50 000 of three values each for
a mask of 224 x 224, ten times as long as by whole planes. It is the same function; float32 rounds the last bit otherwise.
"""

from collections.abc import Iterator

import numpy as np

from leukoscope.bundle.onnx_fields import GraphFields
from leukoscope.bundle.onnx_writing import constant, node

PLANES_AXIS, SIDES = 1, 4
LEAST_OPSET = 18
"""Before it ReduceMax takes its axes otherwise."""
AXES = "softmax/planes_axis"


def softmax_by_planes(data: bytes, name: str) -> bytes:
    """The model with the softmax of its outputs of four sides in that form; the same bytes where there is none.

    InputError if the wire format is unsound.
    """
    graph = GraphFields(data, name)
    if graph.opset < LEAST_OPSET or AXES in graph.constants:
        return data
    nodes = {place: list(_written_out(graph, place)) for place in _places(graph)}
    axes = constant(AXES, np.array([PLANES_AXIS], np.int64))
    return graph.changed(nodes, {}, [axes]) if nodes else data


def _places(graph: GraphFields) -> Iterator[int]:
    axes = ({"axis": (PLANES_AXIS,)}, {"axis": (PLANES_AXIS - SIDES,)})
    for place, one in enumerate(graph.nodes):
        plain = one.operator == "Softmax" and len(one.inputs) == len(one.outputs) == 1
        of_picture = plain and graph.ranks.get(one.outputs[0]) == SIDES
        if of_picture and graph.attributes(place) in axes:
            yield place


def _written_out(graph: GraphFields, place: int) -> Iterator[bytes]:
    softmax = graph.nodes[place]
    source, output = softmax.inputs[0], softmax.outputs[0]
    steps = (
        ("ReduceMax", (source, AXES), f"{output}.greatest"),
        ("Sub", (source, f"{output}.greatest"), f"{output}.below"),
        ("Exp", (f"{output}.below",), f"{output}.exp"),
        ("ReduceSum", (f"{output}.exp", AXES), f"{output}.sum"),
        ("Div", (f"{output}.exp", f"{output}.sum"), output),
    )
    for operator, inputs, made in steps:
        yield node(operator, inputs, made, {}, f"{softmax.name}/{operator}")
