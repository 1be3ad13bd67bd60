import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.fx.experimental.proxy_tensor import make_fx

from leukoscope.export.decompositions import backward_table


def traced_gradient(f, x, grad):
    """Gradient of `f` at `x` by the traced product, and the names of the operators that it is made of."""

    def pull_back(x, grad):
        return torch.func.vjp(f, x)[1](grad)[0]

    graph = make_fx(pull_back, decomposition_table=backward_table())(x, grad)
    return graph(x, grad), {str(node.target) for node in graph.graph.nodes}


def check(f, x):
    leaf = x.clone().requires_grad_()
    out = f(leaf)
    grad = torch.randn_like(out)
    (wanted,) = torch.autograd.grad(out, leaf, grad)
    got, operators = traced_gradient(f, x, grad)
    torch.testing.assert_close(got, wanted, rtol=1e-9, atol=1e-11)
    assert not any("backward" in name for name in operators)


@settings(max_examples=25, deadline=None)
@given(
    side=st.tuples(st.integers(5, 11), st.integers(5, 11)),
    kernel=st.sampled_from([1, 2, 3]),
    stride=st.integers(1, 3),
    padding=st.integers(0, 1),
    dilation=st.integers(1, 2),
    groups=st.sampled_from([1, 2]),
)
def test_convolution(side, kernel, stride, padding, dilation, groups):
    x = torch.randn(2, 4, *side, dtype=torch.float64)
    weight = torch.randn(6, 4 // groups, kernel, kernel, dtype=torch.float64)
    check(lambda a: F.conv2d(a, weight, None, stride, padding, dilation, groups), x)


@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_in_eval_mode(affine):
    norm = torch.nn.BatchNorm2d(3, affine=affine).double().eval().requires_grad_(False)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    if affine:
        norm.weight.uniform_(-2, 2)
    check(norm, torch.randn(2, 3, 4, 5, dtype=torch.float64))


@pytest.mark.parametrize(
    "f", [F.silu, F.gelu, F.relu, torch.sigmoid, F.hardswish, lambda a: a.mean((2, 3))]
)
def test_elementwise(f):
    check(f, torch.randn(2, 3, 4, 5, dtype=torch.float64))


def test_forward_layer_norm_stays_whole():
    assert not any("native_layer_norm.default" in str(operator) for operator in backward_table())


def test_refuses_a_parameter_that_is_not_frozen():
    table = backward_table()
    rule = table[torch.ops.aten.convolution_backward.default]
    x, weight = torch.randn(1, 1, 4, 4), torch.randn(1, 1, 3, 3)
    with pytest.raises(NotImplementedError, match="freeze"):
        rule(x, x, weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, True, False])


def test_refuses_a_batch_norm_in_training_mode():
    rule = backward_table()[torch.ops.aten.native_batch_norm_backward.default]
    x, one = torch.randn(2, 1, 3, 3), torch.ones(1)
    with pytest.raises(NotImplementedError, match="training"):
        rule(x, x, one, one, one, one, one, True, 1e-5, [True, False, False])


def test_refuses_a_transposed_convolution():
    rule = backward_table()[torch.ops.aten.convolution_backward.default]
    x, weight = torch.randn(1, 1, 4, 4), torch.randn(1, 1, 3, 3)
    with pytest.raises(NotImplementedError, match="transposed"):
        rule(x, x, weight, None, [1, 1], [1, 1], [1, 1], True, [0, 0], 1, [True, False, False])
