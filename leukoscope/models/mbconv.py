"""MBConv: the inverted bottleneck with squeeze-and-excitation (Sandler et al. 2018; Tan and Le 2019).

Blocks that halve the grid are of the fused kind (Tan and Le 2021, arXiv 2104.00298): a dense strided 3x3 in place of
expansion and depthwise 3x3. The wide map then never exists on the finer grid, which is what costs time there.
"""

from torch import Tensor, nn


def conv_norm(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Convolution without bias, padded to keep the grid, then batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class SqueezeExcitation(nn.Module):
    """Channel weights in 0..1 from the mean over the plane (Hu et al. 2018). Keeps the shape [B, C, h, w]."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.excite(self.act(self.squeeze(x.mean((2, 3), keepdim=True))))
        return x * weights.sigmoid()


class MBConv(nn.Module):
    """Expansion, depthwise 3x3 (or both in one, where `stride` is 2), squeeze-and-excitation, projection.

    [B, inputs, h, w] -> [B, outputs, h / stride, w / stride]; residual where the shapes allow. SiLU inside, linear at
    the end. Ratio 1 has no expansion; the squeeze is a quarter of the inputs, at least 4 (EfficientNet).
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, expansion: int = 4) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if stride != 1:
            layers += [conv_norm(inputs, hidden, 3, stride), nn.SiLU()]
        else:
            layers += [conv_norm(inputs, hidden), nn.SiLU()] if expansion != 1 else []
            layers += [conv_norm(hidden, hidden, 3, groups=hidden), nn.SiLU()]
        layers += [SqueezeExcitation(hidden, max(4, inputs // 4)), conv_norm(hidden, outputs)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


class MBConvStage(nn.Module):
    """`depth` blocks, the first of which changes channels and grid."""

    def __init__(
        self, inputs: int, outputs: int, depth: int, stride: int = 2, expansion: int = 4
    ) -> None:
        super().__init__()
        blocks = [MBConv(inputs, outputs, stride, expansion)]
        blocks += [MBConv(outputs, outputs, 1, expansion) for _ in range(depth - 1)]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.blocks(x)
        return y
