"""An ONNX graph that can be asked who makes a tensor and who reads it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import onnx

BRANCHES_LEFT_ALONE = ("gradcam/", "saliency/", "saliency.")
"""What the names of nodes begin with that no quantizer touches: the maps' branch and the saliency prior."""


@dataclass(frozen=True, eq=False)
class GraphIndex:
    """By tensor's name. It describes the graph as it was when it was made."""

    graph: onnx.GraphProto
    producers: Mapping[str, onnx.NodeProto]
    consumers: Mapping[str, tuple[onnx.NodeProto, ...]]
    constants: Mapping[str, onnx.TensorProto]
    outputs: frozenset[str]

    def readers(self, tensor: str) -> tuple[onnx.NodeProto, ...]:
        """The nodes that take the tensor, in the order of computation."""
        return self.consumers.get(tensor, ())

    def only_reader(self, tensor: str) -> onnx.NodeProto | None:
        """The node that takes the tensor, if it is the only one and the tensor is no output of the graph."""
        readers = self.readers(tensor)
        return readers[0] if len(readers) == 1 and tensor not in self.outputs else None


def index_graph(graph: onnx.GraphProto) -> GraphIndex:
    """Looks through the graph once."""
    consumers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in dict.fromkeys(node.input):
            consumers[name].append(node)
    return GraphIndex(
        graph=graph,
        producers={name: node for node in graph.node for name in node.output},
        consumers={name: tuple(nodes) for name, nodes in consumers.items()},
        constants={tensor.name: tensor for tensor in graph.initializer},
        outputs=frozenset(value.name for value in graph.output),
    )


def left_alone(node: onnx.NodeProto) -> bool:
    """Whether the node belongs to a branch that stays in float32."""
    return bool(node.name.startswith(BRANCHES_LEFT_ALONE))
