"""The convolutions of an INT8 graph with their constants, as far as nobody else reads those."""

from collections.abc import Iterator
from dataclasses import dataclass

from leukoscope.bundle.onnx_fields import FLOAT32, INT8, GraphFields


@dataclass(frozen=True)
class Layer:
    """A convolution; `weights`, `scale` (one a channel) and `bias` name constants that it alone reads, '' for none."""

    place: int
    source: str
    output: str
    weights: str
    scale: str
    bias: str
    shape: tuple[int, ...]
    """Of the weights: output channels, input channels of a group, height, width."""
    group: int

    @property
    def depthwise(self) -> bool:
        """Whether each channel is convolved by itself."""
        return self.group > 1 and self.shape[:2] == (self.group, 1)


def layers(graph: GraphFields) -> Iterator[Layer]:
    """Those whose weights are int8 behind DequantizeLinear, or float32."""
    for place, conv in enumerate(graph.nodes):
        if conv.operator != "Conv" or not 2 <= len(conv.inputs) <= 3 or len(conv.outputs) != 1:
            continue
        layer = _layer(graph, place)
        if layer is not None and _owns(graph, layer):
            yield layer


def _layer(graph: GraphFields, place: int) -> Layer | None:
    conv = graph.nodes[place]
    source, weights, bias = (*conv.inputs, "")[:3]
    scale = ""
    maker = graph.makers.get(weights)
    if maker is not None:
        pair = graph.nodes[maker]
        if pair.operator != "DequantizeLinear" or not _is_plain(graph, maker):
            return None
        weights, scale = pair.inputs[:2]
    array = graph.array(weights, FLOAT32 if maker is None else INT8)
    group = graph.attributes(place).get("group", (1,))
    if array is None or array.ndim != 4 or len(group) != 1:
        return None
    if graph.shape(scale) == ():
        scale = ""  # one for all channels
    return Layer(place, source, conv.outputs[0], weights, scale, bias, array.shape, group[0])


def _is_plain(graph: GraphFields, place: int) -> bool:
    """Whether a pair of weights has one scale an output channel, or one for all, and no zero point but one for all."""
    inputs = graph.nodes[place].inputs
    if not 2 <= len(inputs) <= 3 or graph.array(inputs[1], FLOAT32) is None:
        return False
    a_channel = len(graph.shape(inputs[1])) == 1 and graph.attributes(place).get("axis") == (0,)
    return (graph.shape(inputs[1]) == () or a_channel) and all(
        graph.array(zero, INT8) is not None and graph.shape(zero) == () for zero in inputs[2:]
    )


def _owns(graph: GraphFields, layer: Layer) -> bool:
    """Whether the layer alone reads its constants, and they have a value for each channel."""
    for name in filter(None, (layer.scale, layer.bias)):
        values = graph.array(name, FLOAT32)
        if values is None or values.shape != layer.shape[:1] or graph.reader(name) is None:
            return False
    read = graph.nodes[layer.place].inputs[1]
    return graph.reader(layer.weights) is not None and graph.reader(read) is not None
