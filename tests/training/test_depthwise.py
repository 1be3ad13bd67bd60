import copy

import torch
from torch import nn

from leukoscope.training.depthwise import run_depthwise_in_float32


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(4, 8, 1),
        nn.Conv2d(8, 8, 5, padding=2, groups=8),
        nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8),
        nn.Conv2d(8, 8, 3, padding=1, groups=8),
        nn.Conv2d(8, 8, 3, padding=1, groups=4),
    )


def test_only_what_gains_leaves_autocast_and_nothing_else_changes():
    plain = network()
    changed = copy.deepcopy(plain)
    assert run_depthwise_in_float32(changed) == 2
    images = torch.rand(2, 4, 12, 12)
    assert torch.equal(plain(images), changed(images))
    assert list(plain.state_dict()) == list(changed.state_dict())
    seen = []
    for layer in changed:
        layer.register_forward_hook(lambda module, given, out: seen.append(out.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        changed(images).float().sum().backward()
    half, whole = torch.bfloat16, torch.float32
    assert seen == [half, whole, whole, half, half]
    assert all(one.grad is not None for one in changed.parameters())
