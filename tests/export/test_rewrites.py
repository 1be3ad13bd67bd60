"""Each repair on a small trace: what it takes out is gone, and the values are the same."""

import pytest
import torch
import torch.nn.functional as F
from torch.fx.experimental.proxy_tensor import make_fx

from leukoscope.export.decompositions import backward_table
from leukoscope.export.rewrites import rewrite

aten = torch.ops.aten


def trace(f, *inputs):
    """The trace before and after the repairs."""

    def make():
        return make_fx(
            f,
            tracing_mode="symbolic",
            decomposition_table=backward_table(),
            _allow_non_fake_inputs=True,
        )(*inputs)

    return make(), rewrite(make())


def count(graph, target):
    return sum(node.target is target for node in graph.graph.nodes)


def gradient_weights(tail):
    """Mean gradients of each output, as Grad-CAM asks for them."""

    def f(x):
        logits, pull_back = torch.func.vjp(tail, x)
        rows = torch.eye(logits.shape[1]).unbind()
        return [pull_back(row.expand_as(logits))[0].mean((2, 3)) for row in rows]

    return f


@pytest.fixture
def x():
    return torch.randn(2, 6, 4, 4)


@pytest.fixture
def linear():
    return torch.nn.Linear(6, 3).requires_grad_(False)


def assert_same(before, after, x):
    for ours, wanted in zip(after(x), before(x), strict=True):
        torch.testing.assert_close(ours, wanted)
    fewer = x[:1].repeat(3, 1, 1, 1)
    assert after(fewer)[0].shape[0] == 3


def test_linear_reads_its_weight_as_it_is(x, linear):
    before, after = trace(gradient_weights(lambda a: linear(a.mean((2, 3)))), x)
    assert count(before, aten.t.default) > 0
    assert count(after, aten.t.default) == 0
    assert sum(node.op == "get_attr" for node in after.graph.nodes) <= 3  # W, b, eye
    assert_same(before, after, x)


def test_linear_without_bias(x):
    weight = torch.randn(3, 6)
    _, after = trace(lambda a: [F.linear(a.mean((2, 3)), weight)], x)
    assert count(after, aten.linear.default) == 1
    assert count(after, aten.t.default) == 0
    torch.testing.assert_close(after(x)[0], F.linear(x.mean((2, 3)), weight))


def test_a_plain_mean_writes_no_plane(x, linear):
    before, after = trace(gradient_weights(lambda a: linear(a.mean((2, 3)))), x)
    assert planes_of(before)
    assert not planes_of(after)
    assert_same(before, after, x)


def planes_of(graph):
    """Nodes that spread a value over the plane."""
    spread = [node for node in graph.graph.nodes if node.target is aten.expand.default]
    return [node for node in spread if len(node.args[1]) == 4]


def test_a_weighted_mean_takes_one_mean_of_its_weights(x, linear):
    weights = torch.rand(2, 1, 4, 4)

    def tail(a):
        return linear((a * weights).sum((2, 3)))

    before, after = trace(gradient_weights(tail), x)
    assert count(before, aten.mean.dim) == 3
    assert count(after, aten.mean.dim) == 1
    for ours, wanted in zip(after(x), before(x), strict=True):
        torch.testing.assert_close(ours, wanted)


def test_a_mean_over_other_axes_is_left_alone(x, linear):
    def f(a):
        spread = a.mean((2, 3))[:, :, None, None].expand(-1, -1, 4, 4) * a
        return [spread.mean((1, 2)), spread.mean((2, 3), keepdim=True)]

    before, after = trace(f, x)
    assert count(after, aten.mean.dim) == 3
    for ours, wanted in zip(after(x), before(x), strict=True):
        torch.testing.assert_close(ours, wanted)


def test_layer_norm_keeps_one_output(linear):
    norm = torch.nn.LayerNorm(6).requires_grad_(False)
    norm.weight.uniform_(0.5, 2)
    x = torch.randn(2, 6, 4, 4)
    before, after = trace(gradient_weights(lambda a: linear(norm(a.mean((2, 3))) ** 2)), x)
    readings = [
        user.args[1]
        for node in after.graph.nodes
        if node.target is aten.native_layer_norm.default
        for user in node.users
    ]
    assert readings == [0]
    assert_same(before, after, x)
