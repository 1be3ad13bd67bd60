"""Average pools of an INT8 graph, written as the depthwise convolutions that they are.

    DQ -> AveragePool 3 x 3 -> Q        becomes        DQ -> Conv, a group a channel, weights 1 in steps of 1/9 -> Q

ONNX Runtime averages bytes one by one, and convolves them many at a time: 5 to 20 times faster on a processor with VNNI.
Both round the same sum of integers, divided by n, to a step. With one scale before and behind the same step is taken, as n is
odd and no quotient lies half way between two; with two scales another step can only be taken where float32 cannot tell on which
side of the half way a quotient lies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.onnx_fields import FLOAT32, INT8, GraphFields, scalar
from leukoscope.bundle.onnx_writing import Attributes, constant, node

GREATEST_WINDOW = 1000
"""Up to there float32 tells a quotient by an odd number from the half way between two steps."""
MOST_CHANNELS = 1 << 16
"""What a file may ask for (our choice): the weights are made here."""
KNOWN = {"kernel_shape", "strides", "pads", "dilations", "ceil_mode", "count_include_pad"}


@dataclass(frozen=True)
class _Pool:
    place: int
    window: tuple[int, ...]
    channels: int
    attributes: dict[str, tuple[int, ...]]


def pools_as_convolutions(data: bytes, name: str) -> bytes:
    """The model with those pools changed of which the above holds. InputError if the wire format is unsound."""
    graph = GraphFields(data, name)
    nodes: dict[int, list[bytes]] = {}
    added: dict[str, bytes] = {}
    for pool in _pools(graph):
        weights = f"mean_{'x'.join(map(str, (pool.channels, *pool.window)))}"
        nodes[pool.place] = list(_convolution(graph, pool, weights))
        for key, array in _constants(pool, weights).items():
            added[key] = constant(key, array)
    return graph.changed(nodes, {}, added.values()) if nodes else data


def _constants(pool: _Pool, name: str) -> dict[str, NDArray[Any]]:
    ones = np.ones((pool.channels, 1, *pool.window), np.int8)
    step = np.float32(1 / prod(pool.window))
    return {
        f"{name}.int8": ones,
        f"{name}.scale": np.array(step),
        f"{name}.zero": np.array(0, np.int8),
    }


def _convolution(graph: GraphFields, pool: _Pool, weights: str) -> Iterator[bytes]:
    pooled = graph.nodes[pool.place]
    output = pooled.outputs[0]
    kept: Attributes = {k: pool.attributes[k] for k in ("strides", "pads") if k in pool.attributes}
    pair = [f"{weights}.int8", f"{weights}.scale", f"{weights}.zero"]
    yield node("DequantizeLinear", pair, f"{output}.weight", {})
    inputs = [pooled.inputs[0], f"{output}.weight"]
    shape: Attributes = {"kernel_shape": pool.window, "group": pool.channels}
    yield node("Conv", inputs, output, {**shape, **kept}, pooled.name)


def _pools(graph: GraphFields) -> Iterator[_Pool]:
    for place, pooled in enumerate(graph.nodes):
        if pooled.operator != "AveragePool" or len(pooled.inputs) != 1:
            continue
        attributes = graph.attributes(place)
        window = attributes.get("kernel_shape", ())
        channels = _channels(graph, place)
        if channels and _is_plain_mean(attributes, window) and _in_steps(graph, place):
            yield _Pool(place, window, channels, attributes)


def _is_plain_mean(attributes: dict[str, tuple[int, ...]], window: tuple[int, ...]) -> bool:
    """Whether each value is a sum over the window by one and the same odd number."""
    padded = any(attributes.get("pads", ()))
    return (
        attributes.keys() <= KNOWN
        and len(window) == 2
        and prod(window) % 2 == 1
        and 1 <= prod(window) <= GREATEST_WINDOW
        and (not padded or attributes.get("count_include_pad") == (1,))
        and set(attributes.get("dilations", ())) <= {1}
        and attributes.get("ceil_mode", (0,)) == (0,)
        and min(attributes.get("pads", ()), default=0) >= 0
        and min(attributes.get("strides", ()), default=1) >= 1
    )


def _in_steps(graph: GraphFields, place: int) -> bool:
    """Whether the pool reads and gives steps about one zero point."""
    pooled = graph.nodes[place]
    before, behind = graph.makers.get(pooled.inputs[0]), graph.reader(pooled.outputs[0])
    if before is None or behind is None:
        return False
    pair = graph.nodes[before], graph.nodes[behind]
    if [one.operator for one in pair] != ["DequantizeLinear", "QuantizeLinear"]:
        return False
    if any(len(one.inputs) != 3 for one in pair) or pair[0].inputs[2] != pair[1].inputs[2]:
        return False
    steps = [scalar(graph.constants.get(one.inputs[1]), FLOAT32) for one in pair]
    return all(step is not None and step > 0 for step in steps)


def _channels(graph: GraphFields, place: int) -> int | None:
    """How many channels the pool has, by the weights of the convolutions that read it behind Q and DQ."""
    names = graph.nodes[place].outputs
    for _ in range(2):
        names = tuple(
            o for n in names for r in graph.readers.get(n, ()) for o in graph.nodes[r].outputs
        )
    found = {_reads(graph, r) for n in names for r in graph.readers.get(n, ())} - {None}
    return found.pop() if len(found) == 1 else None


def _reads(graph: GraphFields, place: int) -> int | None:
    """The channels that a convolution with int8 weights reads."""
    layer = graph.nodes[place]
    maker = (
        graph.makers.get(layer.inputs[1])
        if layer.operator == "Conv" and len(layer.inputs) > 1
        else None
    )
    if maker is None or not graph.nodes[maker].inputs:
        return None
    weights = graph.array(graph.nodes[maker].inputs[0], INT8)
    group = graph.attributes(place).get("group", (1,))
    if weights is None or weights.ndim != 4 or len(group) != 1:
        return None
    channels = weights.shape[1] * group[0]
    return channels if 0 < channels <= MOST_CHANNELS else None
