import pytest
import torch
from torch import nn

from leukoscope.models.mbconv import MBConv, MBConvStage


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize(
    ("inputs", "outputs", "stride", "expansion", "residual"),
    [(8, 8, 1, 6, True), (8, 8, 1, 1, True), (8, 16, 1, 6, False), (8, 8, 2, 6, False)],
)
def test_shapes_and_residual(inputs, outputs, stride, expansion, residual, kernel):
    block = MBConv(inputs, outputs, kernel, stride, expansion)
    assert block(torch.rand(2, inputs, 12, 12)).shape == (2, outputs, 12 // stride, 12 // stride)
    assert block.residual is residual and (block.expand is None) is (expansion == 1)


def test_residual_is_added():
    block = MBConv(8, 8).eval()
    nn.init.zeros_(block.project[1].weight)
    x = torch.rand(1, 8, 6, 6)
    torch.testing.assert_close(block(x), x)


def test_the_wide_convolution_is_depthwise_and_its_range_bounded():
    block = MBConv(8, 8).eval()
    assert block.depthwise[0].groups == 48
    seen = []
    block.project.register_forward_hook(lambda module, given, out: seen.append(given[0]))
    block(1000 * torch.randn(1, 8, 6, 6))
    assert seen[0].min() >= 0 and seen[0].max() == 6


def test_stage_changes_grid_once():
    stage = MBConvStage(8, 16, 3, kernel=5)
    assert len(stage.blocks) == 3
    assert stage(torch.rand(2, 8, 16, 16)).shape == (2, 16, 8, 8)
