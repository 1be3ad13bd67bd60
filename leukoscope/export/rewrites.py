"""Small repairs to a traced graph, so that what is exported is lean and is taken by TensorRT's parser."""

from typing import Any

import torch
from torch import fx

_aten = torch.ops.aten


def rewrite(traced: fx.GraphModule) -> fx.GraphModule:
    """Applies every repair of this file in place and drops what nothing uses; returns `traced`."""
    _name_weights_once(traced)
    _cancel_double_transposes(traced.graph)
    _restore_linear(traced.graph)
    _write_out_layer_norm_statistics(traced.graph)
    _average_before_spreading(traced.graph)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    return traced


def _name_weights_once(traced: fx.GraphModule) -> None:
    """One node for each weight; tracing makes one for each use, which hides that a transpose is shared."""
    first: dict[Any, fx.Node] = {}
    for node in list(traced.graph.nodes):
        if node.op != "get_attr":
            continue
        if node.target in first:
            node.replace_all_uses_with(first[node.target])
            traced.graph.erase_node(node)
        else:
            first[node.target] = node


def _cancel_double_transposes(graph: fx.Graph) -> None:
    """A linear layer's backward transposes the transposed weight: t(t(W)) is W."""
    for node in _calls(graph, _aten.t.default):
        inner = node.args[0]
        if _is(inner, _aten.t.default):
            node.replace_all_uses_with(inner.args[0])


def _restore_linear(graph: fx.Graph) -> None:
    """addmm(b, x, t(W)) and mm(x, t(W)) become linear(x, W, b), which ONNX writes as Gemm with transB.

    Otherwise the exporter folds t(W) into a second copy of a weight that the backward pass reads as W.
    """
    for node in _calls(graph, _aten.addmm.default) + _calls(graph, _aten.mm.default):
        bias, x, weight = node.args if len(node.args) == 3 else (None, *node.args)
        if _is(weight, _aten.t.default) and not node.kwargs:
            with graph.inserting_before(node):
                linear = graph.call_function(_aten.linear.default, (x, weight.args[0], bias))
            _replace(node, linear)


def _write_out_layer_norm_statistics(graph: fx.Graph) -> None:
    """Mean and reciprocal deviation from ordinary operators: TensorRT takes only the first output of the norm."""
    for node in _calls(graph, _aten.native_layer_norm.default):
        for reading in [user for user in node.users if user.args[1] in (1, 2)]:
            x, shape, _, _, eps = node.args
            axes = list(range(-len(shape), 0))
            with graph.inserting_before(reading):
                mean = graph.call_function(_aten.mean.dim, (x, axes, True))
                if reading.args[1] == 1:
                    _replace(reading, mean)
                    continue
                centred = graph.call_function(_aten.sub.Tensor, (x, mean))
                square = graph.call_function(_aten.mul.Tensor, (centred, centred))
                variance = graph.call_function(_aten.mean.dim, (square, axes, True))
                shifted = graph.call_function(_aten.add.Tensor, (variance, eps))
                _replace(reading, graph.call_function(_aten.rsqrt.default, (shifted,)))


def _average_before_spreading(graph: fx.Graph) -> None:
    """The mean over a plane of one value v spread over that plane needs no plane, and that of v p needs only p's mean.

        v [B, C] -> unsqueeze twice -> expand [B, C, h, w] -> div n -> mean (2, 3)      becomes     v -> div n
        v [B, C] -> unsqueeze twice -> expand [B, C, h, w] -> mul p -> mean (2, 3)      becomes     v -> mul mean(p)

    These are the gradients of a plain and of a weighted mean; all classes share mean(p).
    """
    means: dict[Any, fx.Node] = {}
    for mean in _calls(graph, _aten.mean.dim):
        spread, factor = _factored(mean.args[0])
        value = _before_spreading(spread, sorted(mean.args[1])) if len(mean.args) == 2 else None
        if value is None:
            continue
        with graph.inserting_before(mean):
            if _is_plane(factor):
                if factor not in means:
                    means[factor] = graph.call_function(_aten.mean.dim, (factor, mean.args[1]))
                factor = means[factor]
            if factor is not None:
                value = graph.call_function(mean.args[0].target, (value, factor))
        mean.replace_all_uses_with(value)


def _factored(node: Any) -> tuple[Any, Any]:
    """`spread`, or `spread` times or over something, as the two operands."""
    if _is(node, _aten.div.Scalar) or (_is(node, _aten.mul.Tensor) and _is_plane(node.args[1])):
        return node.args[0], node.args[1]
    return node, None


def _is_plane(node: Any) -> bool:
    value = node.meta.get("val") if isinstance(node, fx.Node) else None
    return isinstance(value, torch.Tensor) and value.dim() == 4


def _before_spreading(spread: Any, axes: list[int]) -> Any:
    """The node whose value `spread` repeats along exactly `axes`, or None."""
    if not _is(spread, _aten.expand.default):
        return None
    node = spread.args[0]
    for axis in reversed(axes):
        if not _is(node, _aten.unsqueeze.default) or node.args[1] != axis:
            return None
        node = node.args[0]
    return node


def _calls(graph: fx.Graph, target: Any) -> list[Any]:
    return [node for node in graph.nodes if _is(node, target)]


def _is(node: Any, target: Any) -> bool:
    return isinstance(node, fx.Node) and node.op == "call_function" and node.target is target


def _replace(old: fx.Node, new: fx.Node) -> None:
    old.replace_all_uses_with(new)
    new.meta = dict(old.meta)
