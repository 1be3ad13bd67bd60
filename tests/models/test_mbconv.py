import pytest
import torch
from torch import nn

from leukoscope.models.mbconv import MBConv, MBConvStage, SqueezeExcitation


@pytest.mark.parametrize(
    ("inputs", "outputs", "stride", "expansion", "residual"),
    [(8, 8, 1, 4, True), (8, 8, 1, 1, True), (8, 16, 1, 4, False), (8, 8, 2, 4, False)],
)
def test_shapes_and_residual(inputs, outputs, stride, expansion, residual):
    block = MBConv(inputs, outputs, stride, expansion)
    assert block(torch.rand(2, inputs, 12, 12)).shape == (2, outputs, 12 // stride, 12 // stride)
    assert block.residual is residual


def test_residual_is_added():
    block = MBConv(8, 8).eval()
    nn.init.zeros_(block.layers[-1][1].weight)
    x = torch.rand(1, 8, 6, 6)
    torch.testing.assert_close(block(x), x)


def test_blocks_that_keep_the_grid_are_depthwise_and_those_that_halve_it_dense():
    groups = [conv.groups for conv in MBConv(8, 8).modules() if isinstance(conv, nn.Conv2d)]
    assert 32 in groups
    dense = [conv for conv in MBConv(8, 8, stride=2).modules() if isinstance(conv, nn.Conv2d)]
    assert all(conv.groups == 1 for conv in dense)


def test_squeeze_and_excitation_weighs_channels_by_the_plane():
    block = SqueezeExcitation(8, 4)
    x = torch.rand(2, 8, 5, 5)
    weights = block(x) / x
    assert torch.allclose(weights, weights[:, :, :1, :1].expand_as(weights), atol=1e-5)
    assert weights.min() > 0
    assert weights.max() < 1
    hidden = block.act(block.squeeze(x.mean((2, 3), keepdim=True)))
    torch.testing.assert_close(block(x), x * block.excite(hidden).sigmoid())


def test_stage_changes_grid_once():
    stage = MBConvStage(8, 16, 3)
    assert len(stage.blocks) == 3
    assert stage(torch.rand(2, 8, 16, 16)).shape == (2, 16, 8, 8)
