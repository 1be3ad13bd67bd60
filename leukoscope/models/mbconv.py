"""MBConv without squeeze-and-excitation, as EfficientNet-Lite has it (Sandler et al. 2018; Tan and Le 2019).

EfficientNet-Lite is EfficientNet made for integer arithmetic: ReLU6 bounds every range, and there is no squeeze-and-excitation,
whose global mean and product quantize badly and stop the fusion of layers.
"""

from torch import Tensor, nn

EPSILON = 1e-3
"""Of EfficientNet's batch norms, so that its published weights mean the same here."""


def conv_norm(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Convolution without bias, padded to keep the grid, then batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, EPSILON))


class MBConv(nn.Module):
    """1x1 expansion, depthwise convolution, 1x1 projection; ReLU6 inside, linear at the end.

    [B, inputs, h, w] -> [B, outputs, h / stride, w / stride]; residual where the shapes allow. Expansion 1 has no first convolution.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, expansion: int = 6
    ) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = conv_norm(inputs, hidden) if expansion != 1 else None
        self.depthwise = conv_norm(hidden, hidden, kernel, stride, groups=hidden)
        self.project = conv_norm(hidden, outputs)
        self.act = nn.ReLU6()
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.expand is None else self.act(self.expand(x))
        y: Tensor = self.project(self.act(self.depthwise(wide)))
        return x + y if self.residual else y


class MBConvStage(nn.Module):
    """`depth` blocks, the first of which changes channels and grid."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        depth: int,
        *,
        kernel: int = 3,
        stride: int = 2,
        expansion: int = 6,
    ) -> None:
        super().__init__()
        blocks = [MBConv(inputs, outputs, kernel, stride, expansion)]
        blocks += [MBConv(outputs, outputs, kernel, 1, expansion) for _ in range(depth - 1)]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.blocks(x)
        return y
