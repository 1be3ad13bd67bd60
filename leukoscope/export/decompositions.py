"""What becomes of the backward operators when a vector-Jacobian product is traced: ordinary ones with an ONNX form.

Only first derivatives with respect to inputs are needed, of frozen layers in eval mode.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

_aten = torch.ops.aten

Table = dict[Any, Callable[..., Any]]


def backward_table() -> Table:
    """Decompositions by operator: PyTorch's own for backward operators, and ours where those do not export.

    Forward operators stay whole: the entire core table leaves `empty_permuted` and `copy_` behind, which have
    no ONNX form, and takes layer norms apart that ONNX has an operator for.
    """
    from torch._decomp import core_aten_decompositions

    core: Table = dict(core_aten_decompositions())
    table = {operator: rule for operator, rule in core.items() if "backward" in str(operator)}
    return table | {
        _aten.convolution_backward.default: _convolution_backward,
        _aten.native_batch_norm_backward.default: _batch_norm_backward,
    }


def _convolution_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    bias_sizes: Any,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
    output_mask: Sequence[bool],
) -> tuple[Tensor, None, None]:
    """The input's gradient is the transposed convolution; the rows that the stride left over are output padding."""
    _only_input(output_mask)
    if transposed:
        raise NotImplementedError("gradient of a transposed convolution in the classifying tail")
    left_over = []
    for axis in range(weight.dim() - 2):
        kernel_px = dilation[axis] * (weight.shape[axis + 2] - 1) + 1
        reached_px = (grad.shape[axis + 2] - 1) * stride[axis] - 2 * padding[axis] + kernel_px
        left_over.append(x.shape[axis + 2] - reached_px)
    input_grad = _aten.convolution(
        grad, weight, None, stride, padding, dilation, True, left_over, groups
    )
    return input_grad, None, None


def _batch_norm_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    save_mean: Tensor | None,
    save_invstd: Tensor | None,
    train: bool,
    eps: float,
    output_mask: Sequence[bool],
) -> tuple[Tensor, None, None]:
    """In eval mode a batch norm is one factor a channel, and so is its gradient."""
    _only_input(output_mask)
    if train or running_var is None:
        raise NotImplementedError("gradient of a batch norm in training mode")
    factor = torch.rsqrt(running_var + eps)
    factor = factor if weight is None else factor * weight
    return grad * factor.reshape([1, -1] + [1] * (x.dim() - 2)), None, None


def _only_input(output_mask: Sequence[bool]) -> None:
    """A parameter that still asks for its gradient would drag a weight gradient into the graph."""
    if any(output_mask[1:]):
        raise NotImplementedError("gradient of a parameter; freeze the network before tracing")
