"""Depthwise convolutions of an INT8 graph in whole blocks of channels: a few channels of noughts are added to those around them.

ONNX Runtime's kernel for depthwise convolutions takes 16 channels at a time, and a count that 16 does not divide goes
to one that is some 2.5 times slower: Xception's 728. So all that carries such channels from the layers that make them to the
layers that read them is widened to the next multiple of 16. The added weights of whoever reads them are 0, so every sum of
integers, and every value that was there, is what it was.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.int8_layers import Layer, layers
from leukoscope.bundle.onnx_fields import FLOAT32, INT8, GraphFields, Node
from leukoscope.bundle.onnx_writing import Attributes, constant, node

BLOCK = 16
MOST_ADDED = 1 / 8
"""Of the channels that are there (our choice): the layers around do as much more work."""
TWO_TENSORS = ("Add", "Mul")
CARRIES = ("QuantizeLinear", "DequantizeLinear", "Relu", "Clip", "Sigmoid", "MaxPool", *TWO_TENSORS)
"""Operators that give as many channels as they read, each from the same one."""


def whole_blocks_of_channels(data: bytes, name: str) -> bytes:
    """The model in that form; the same bytes where nothing gains. InputError if the wire format is unsound."""
    graph = GraphFields(data, name)
    found = {layer.place: layer for layer in layers(graph)}
    added = _added(graph, found)
    nodes: dict[int, list[bytes]] = {}
    constants: dict[str, bytes | None] = {}
    for layer in found.values():
        before, behind = added.get(layer.source, 0), added.get(layer.output, 0)
        if before or behind:
            constants.update(_widened(graph, layer, before, behind))
        if behind and layer.depthwise:
            nodes[layer.place] = [_regrouped(graph, layer, behind)]
    return graph.changed(nodes, constants) if constants else data


def _added(graph: GraphFields, found: Mapping[int, Layer]) -> dict[str, int]:
    """How many channels each tensor gets, by name; those that get none are not in it."""
    sets = _Sets()
    blocked, counts, depthwise = set(graph.outputs), [], set()
    for place, one in enumerate(graph.nodes):
        layer = found.get(place)
        carried = _carried(graph, one)
        if layer is not None and layer.depthwise and all(graph.attributes(place).values()):
            sets.join((layer.source, layer.output))
            counts.append((layer.output, layer.shape[0]))
            depthwise.add(layer.output)
        elif layer is not None and layer.group == 1:
            counts += [(layer.source, layer.shape[1]), (layer.output, layer.shape[0])]
        elif carried:
            sets.join(carried)
        elif not _makes_weights(graph, one):
            blocked.update(one.inputs, one.outputs)
    unmade = {
        name for names in (n.inputs for n in graph.nodes) for name in names
    } - graph.makers.keys()
    blocked |= unmade - graph.constants.keys()
    return sets.spread(_gains(sets, blocked, counts, depthwise))


def _gains(
    sets: "_Sets", blocked: set[str], counts: list[tuple[str, int]], depthwise: set[str]
) -> dict[str, int]:
    """Set -> channels to add, for the sets of tensors that gain by it and can be widened."""
    closed, wanted = {sets.of(name) for name in blocked}, {sets.of(name) for name in depthwise}
    channels: dict[str, set[int]] = {}
    for name, count in counts:
        channels.setdefault(sets.of(name), set()).add(count)
    gains = {}
    for key in wanted - closed:
        (count, *others) = channels[key]
        more = -count % BLOCK
        if not others and 0 < more <= count * MOST_ADDED:
            gains[key] = more
    return gains


def _carried(graph: GraphFields, one: Node) -> tuple[str, ...]:
    """The tensors among which this node carries channels; () where it does not."""
    tensors = 2 if one.operator in TWO_TENSORS else 1
    if one.operator not in CARRIES or len(one.outputs) != 1 or len(one.inputs) < tensors:
        return ()
    carried, rest = one.inputs[:tensors], one.inputs[tensors:]
    scalars = all(name in graph.constants and graph.shape(name) == () for name in rest)
    if not scalars or any(name in graph.constants for name in carried):
        return ()
    return (*carried, one.outputs[0])


def _makes_weights(graph: GraphFields, one: Node) -> bool:
    return one.operator == "DequantizeLinear" and all(
        name in graph.constants for name in one.inputs
    )


def _widened(
    graph: GraphFields, layer: Layer, before: int, behind: int
) -> Iterator[tuple[str, bytes]]:
    """The layer's constants with `before` channels more to read (a depthwise one reads one) and `behind` more to give."""
    weights = graph.array(layer.weights, INT8)
    weights = graph.array(layer.weights, FLOAT32) if weights is None else weights
    assert weights is not None
    read = 0 if layer.depthwise else before
    yield layer.weights, constant(layer.weights, _padded(weights, behind, read))
    for name, filling in ((layer.scale, 1.0), (layer.bias, 0.0)):
        values = graph.array(name, FLOAT32)
        if name and behind and values is not None:
            more = np.full(behind, filling, np.float32)
            yield name, constant(name, np.concatenate([values, more]))


def _padded(weights: NDArray[np.generic], behind: int, before: int) -> NDArray[np.generic]:
    return np.pad(weights, ((0, behind), (0, before), (0, 0), (0, 0)))


def _regrouped(graph: GraphFields, layer: Layer, behind: int) -> bytes:
    conv = graph.nodes[layer.place]
    attributes: Attributes = {**graph.attributes(layer.place), "group": layer.group + behind}
    return node("Conv", conv.inputs, layer.output, attributes, conv.name)


class _Sets:
    """Tensors that have the same channels, by the name of one of each set."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            self._above[name] = name = self._above.get(above, above)
        return name

    def join(self, names: tuple[str, ...]) -> None:
        first = self.of(names[0])
        for name in names:
            self._above.setdefault(name, name)
            self._above[self.of(name)] = first

    def spread(self, gains: Mapping[str, int]) -> dict[str, int]:
        """The gain of its set for each tensor that has one."""
        return {name: gains[self.of(name)] for name in self._above if self.of(name) in gains}
