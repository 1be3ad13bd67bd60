import pytest
import torch
from torch import nn

from leukoscope.models.conv_unit import ConvUnit, initialise, scaled


@pytest.mark.parametrize(
    ("channels", "width", "expected"),
    [
        (728, 1.0, 728),
        (728, 0.125, 88),
        (728, 0.25, 184),
        (32, 0.125, 8),
        (80, 0.25, 24),
        (48, 1.0, 48),
    ],
)
def test_channels_are_multiples_of_eight(channels, width, expected):
    assert scaled(channels, width) == expected


@pytest.mark.parametrize("kernel", [1, 3, 5, (1, 7), (7, 1)])
def test_the_grid_is_kept_unless_padding_is_given(kernel):
    x = torch.rand(1, 8, 9, 11)
    assert ConvUnit(8, 16, kernel)(x).shape == (1, 16, 9, 11)


def test_valid_and_strided():
    assert ConvUnit(8, 16, 3, stride=2, padding=0)(torch.rand(1, 8, 9, 11)).shape == (1, 16, 4, 5)


@pytest.mark.parametrize("groups", [1, 64])
def test_initial_weights_keep_the_scale(groups):
    torch.manual_seed(0)
    conv = nn.Conv2d(64, 256 if groups == 1 else 64, 3, padding=1, groups=groups)
    conv.apply(initialise)
    x = torch.randn(4, 64, 20, 20)
    kept = x.relu() if groups == 1 else x
    assert conv(kept)[..., 1:-1, 1:-1].square().mean().item() == pytest.approx(1.0, rel=0.2)
    assert not conv.bias.any()
