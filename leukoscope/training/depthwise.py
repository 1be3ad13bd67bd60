"""Depthwise convolutions under autocast: on CPUs their gradient is several times faster in float32 than in bfloat16."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def run_depthwise_in_float32(network: nn.Module) -> int:
    """Makes the large or strided depthwise convolutions of `network` leave autocast; returns how many.

    A plain 3x3 gains nothing. Weights, names and results outside autocast stay as they are. The change is bound to the
    modules, so copy the network before, not after.
    """
    convolutions = (module for module in network.modules() if isinstance(module, nn.Conv2d))
    found = [conv for conv in convolutions if _gains(conv)]
    for conv in found:
        conv.forward = partial(_in_float32, conv)  # type: ignore[method-assign]
    return len(found)


def _gains(conv: nn.Conv2d) -> bool:
    depthwise = 1 < conv.groups == conv.in_channels
    return depthwise and (conv.kernel_size[0] > 3 or conv.stride[0] > 1)


def _in_float32(conv: nn.Conv2d, x: Tensor) -> Tensor:
    with torch.autocast("cpu", enabled=False):
        return F.conv2d(
            x.float(), conv.weight, conv.bias, conv.stride, conv.padding, conv.dilation, conv.groups
        )
