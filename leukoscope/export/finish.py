"""The last touches to an exported ONNX model: names that people can read, and nothing that a device does not need."""

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

import onnx

BATCH = "batch"
BRANCH = "gradcam/"
"""What the names of all nodes begin with that only the maps need; quantizers leave them alone."""

_SCOPES = "pkg.torch.onnx.name_scopes"
_MODULE = "network."


def finish(
    model: onnx.ModelProto, name: str, classes: Sequence[str], weights: Mapping[str, str]
) -> onnx.ModelProto:
    """Finishes `model` in place and returns it.

    Weights take their dotted names in the network (`weights`: exporter's name -> dotted name) and nodes that of the
    layer that they came from, such as `fuse_last.mix.conv/Conv`. The first dimension of input and outputs is called
    `batch`, equal constants become one, and the exporter's notes, which tell file paths of the machine that ran it,
    go. `name` and `classes` are written into the model's metadata.
    """
    graph = model.graph
    _name_weights(graph, weights)
    _merge_equal_constants(graph)
    _name_nodes(graph)
    _strip(model)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = BATCH
    graph.name = name
    model.producer_name, model.producer_version = "leukoscope", ""
    metadata = {"leukoscope.network": name, "leukoscope.classes": json.dumps(list(classes))}
    onnx.helper.set_model_props(model, metadata)
    return model


def _name_weights(graph: onnx.GraphProto, weights: Mapping[str, str]) -> None:
    """A bias that came of folding a batch norm into its convolution is called after the convolution."""
    folded = {f"{old}_bias": new.removesuffix("weight") + "bias" for old, new in weights.items()}
    names = {**folded, **weights}
    unnamed = {tensor.name for tensor in graph.initializer if tensor.name not in names}
    for node in graph.node:
        scope = _scope(node)
        if node.op_type == "MatMul" and scope and node.input[1] in unnamed:
            names.setdefault(node.input[1], f"{scope}.weight.T")  # the exporter transposed it
    present = {tensor.name: names.get(tensor.name, tensor.name) for tensor in graph.initializer}
    for tensor in graph.initializer:
        tensor.name = present[tensor.name]
    _rename_inputs(graph, present)


def _merge_equal_constants(graph: onnx.GraphProto) -> None:
    first: dict[bytes, str] = {}
    kept: dict[str, str] = {}
    for tensor in list(graph.initializer):
        content = onnx.TensorProto()
        content.CopyFrom(tensor)
        content.name = ""
        key = hashlib.sha256(content.SerializeToString(deterministic=True)).digest()
        kept[tensor.name] = first.setdefault(key, tensor.name)
        if kept[tensor.name] != tensor.name:
            graph.initializer.remove(tensor)
    _rename_inputs(graph, kept)


def _name_nodes(graph: onnx.GraphProto) -> None:
    weights = {tensor.name for tensor in graph.initializer if "." in tensor.name}
    for_maps_only = _nodes_for_maps_only(graph)
    taken: dict[str, int] = {}
    for index, node in enumerate(graph.node):
        layers = [
            name.removesuffix(".T").rpartition(".")[0] for name in node.input if name in weights
        ]
        layer = layers[0] if layers else _scope(node)
        branch = BRANCH if index in for_maps_only else ""
        wanted = branch + (f"{layer}/" if layer else "") + node.op_type
        taken[wanted] = taken.get(wanted, 0) + 1
        node.name = wanted if taken[wanted] == 1 else f"{wanted}_{taken[wanted]}"


def _nodes_for_maps_only(graph: onnx.GraphProto) -> set[int]:
    """Indices of the nodes that `cams` needs and no other output does."""
    others = [value.name for value in graph.output if value.name != "cams"]
    return _nodes_behind(graph, ["cams"]) - _nodes_behind(graph, others)


def _nodes_behind(graph: onnx.GraphProto, outputs: Iterable[str]) -> set[int]:
    """ONNX lists nodes in the order of computation, so one walk from the end finds what `outputs` need."""
    needed, found = set(outputs), set()
    for index in reversed(range(len(graph.node))):
        node = graph.node[index]
        if needed.intersection(node.output):
            found.add(index)
            needed.update(node.input)
    return found


def _scope(node: onnx.NodeProto) -> str:
    """Dotted name of the module that the node came from; empty outside of the network's modules."""
    notes = {note.key: note.value for note in node.metadata_props}
    scopes = [str(part) for part in ast.literal_eval(notes.get(_SCOPES, "[]"))]
    modules = [part.removeprefix(_MODULE) for part in scopes if part.startswith(_MODULE)]
    return modules[-1] if modules else ""


def _strip(model: onnx.ModelProto) -> None:
    graph = model.graph
    model.doc_string = graph.doc_string = ""
    del graph.metadata_props[:], graph.value_info[:]
    parts: Iterable[onnx.NodeProto | onnx.ValueInfoProto | onnx.TensorProto]
    for parts in (graph.node, graph.input, graph.output, graph.initializer):
        for part in parts:
            part.doc_string = ""
            del part.metadata_props[:]


def _rename_inputs(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
