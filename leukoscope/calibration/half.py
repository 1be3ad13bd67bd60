"""FP16 by explicit casts: the rest type of `fp16` and of `int8_fp16`.

    x -> [Cast half] -> Conv, half -> Relu, half -> [Cast float] -> Softmax, float32 -> output, float32

Precision lives in the file, so that every engine that is built with strong types computes what the file says.
onnxruntime's own converter (`transformers.float16`) takes a list of nodes to leave alone, but writes graphs that do not
load where such nodes share an input, and casts to half and back between two of them.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.half_blocks import GREATEST, HEADROOM, float_nodes
from leukoscope.calibration.half_scales import round_scales
from leukoscope.calibration.lint_model import HALF_SCALES_OPSET
from leukoscope.calibration.lint_pairs import LINEAR

FLOAT, HALF = int(TensorProto.FLOAT), int(TensorProto.FLOAT16)
ALWAYS_FLOAT = {"Resize": (1, 2)}
"""Places of inputs that stay float32 whatever the node computes in: the factors of a resize."""
Part = TypeVar("Part", onnx.NodeProto, onnx.TensorProto)
SUFFIX = {FLOAT: "float", HALF: "half"}


def to_half(model: onnx.ModelProto, keep: Collection[str] = ()) -> onnx.ModelProto:
    """A copy of a float32 or int8 Q/DQ `model` that computes in half where that is safe; inputs and outputs keep types.

    In float32 stay: the colours before the first layer, the saliency prior, softmax, layer norms, means, sums, powers
    and logarithms, the first layers where their weights are steep, the head and the maps' branch (`half_blocks`), and what makes or reads a tensor named in `keep`
    (`half_risks`). The scales of Q/DQ pairs become half, which takes opset 19; a graph without pairs keeps its opset.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    kept = float_nodes(copy.graph, keep)
    round_scales(copy.graph, kept)
    _Rewriting(copy, kept).run()
    if any(n.op_type in LINEAR and n.output[0] not in kept for n in copy.graph.node):
        opset = copy.opset_import[0]
        opset.version = max(opset.version, HALF_SCALES_OPSET)  # 19 only adds to 18's operators
    return copy


def half_risks(model: onnx.ModelProto, ranges: Mapping[str, float]) -> tuple[str, ...]:
    """Tensors that would be half and whose greatest absolute value leaves half's range less than four times' room.

    `ranges` by tensor, as seen on images; a value that is not finite counts. In the order of computation.
    """
    limit = GREATEST / HEADROOM
    return tuple(name for name in half_tensors(model) if not ranges.get(name, 0.0) <= limit)


def half_tensors(model: onnx.ModelProto) -> tuple[str, ...]:
    """The tensors of a float32 graph that would be half, in the order of computation."""
    kept, floats = float_nodes(model.graph), _float_tensors(model)
    return tuple(
        name
        for node in model.graph.node
        if node.output[0] not in kept
        for name in node.output
        if name in floats
    )


class _Rewriting:
    """One pass over the nodes; `versions` has the name under which a float tensor is to be had in a type."""

    def __init__(self, model: onnx.ModelProto, kept: Collection[str]) -> None:
        self.graph, self.kept = model.graph, kept
        self.index = index_graph(model.graph)
        self.floats = _float_tensors(model)
        given = (*self.index.constants, *(value.name for value in model.graph.input))
        self.versions = {(name, FLOAT): name for name in given}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def run(self) -> None:
        """Rewrites the graph in place."""
        for node in self.graph.node:
            self._rewrite(node)
        constants = self._stored()
        nodes = [_copied(node) for node in self.nodes]
        del self.graph.node[:], self.graph.initializer[:], self.graph.value_info[:]
        self.graph.node.extend(nodes)
        self.graph.initializer.extend(constants)

    def _rewrite(self, node: onnx.NodeProto) -> None:
        own = FLOAT if node.output[0] in self.kept else HALF
        always_float = ALWAYS_FLOAT.get(node.op_type, ())
        for place, name in enumerate(node.input):
            if name in self.floats:
                node.input[place] = self._read(name, FLOAT if place in always_float else own)
        if own == HALF and node.op_type == "Cast" and node.output[0] in self.floats:
            next(a for a in node.attribute if a.name == "to").i = HALF
        self.nodes.append(node)
        for place, name in enumerate(node.output):
            if name in self.floats:
                node.output[place] = self._write(name, own)

    def _read(self, name: str, wanted: int) -> str:
        """The name of the tensor in the type that is wanted; casts it where no node has asked for that before."""
        if (name, wanted) not in self.versions:
            version = f"{name}.{SUFFIX[wanted]}"
            self.versions[name, wanted] = version
            if name in self.index.constants:
                values = numpy_helper.to_array(self.index.constants[name]).astype(np.float16)
                self.constants.append(numpy_helper.from_array(values, version))
            else:
                self.nodes.append(_cast(self.versions[name, _other(wanted)], version, wanted))
        return str(self.versions[name, wanted])

    def _write(self, name: str, own: int) -> str:
        """The name that a node writes to; an output of the graph is cast back at once."""
        if own == HALF and name in self.index.outputs:
            inner = f"{name}.{SUFFIX[HALF]}"
            self.versions[name, HALF], self.versions[name, FLOAT] = inner, name
            self.nodes.append(_cast(inner, name, FLOAT))
            return inner
        self.versions[name, own] = name
        return name

    def _stored(self) -> list[onnx.TensorProto]:
        """The constants that are read; one that nobody reads in float32 any more has its name back in half."""
        read = {name for node in self.nodes for name in node.input}
        kept = [_copied(t) for t in self.graph.initializer if t.name in read]
        back = {c.name: c.name.removesuffix(f".{SUFFIX[HALF]}") for c in self.constants}
        back = {name: old for name, old in back.items() if old not in read}
        for node in self.graph.node:
            node.input[:] = [back.get(name, name) for name in node.input]
        for constant in self.constants:
            constant.name = back.get(constant.name, constant.name)
        return [*kept, *self.constants]


def _float_tensors(model: onnx.ModelProto) -> frozenset[str]:
    """The names of the float32 tensors of a graph."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    named = {value.name for value in values if value.type.tensor_type.elem_type == FLOAT}
    return frozenset(named | {t.name for t in graph.initializer if t.data_type == FLOAT})


def _cast(source: str, target: str, wanted: int) -> onnx.NodeProto:
    return helper.make_node("Cast", [source], [target], f"{target}/Cast", to=wanted)


def _other(wanted: int) -> int:
    return FLOAT if wanted == HALF else HALF


def _copied(part: Part) -> Part:
    """Deleting a repeated field takes its members with it."""
    copy = type(part)()
    copy.CopyFrom(part)
    return copy
