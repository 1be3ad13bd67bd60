"""Convolution, batch norm, ReLU: the unit that the trunks and the fusion blocks are built from."""

from torch import Tensor, nn

CHANNEL_MULTIPLE = 8
"""Channels stay multiples of this: what INT8 and half-precision kernels like."""

Size = int | tuple[int, int]


def scaled(channels: int, width: float) -> int:
    """`channels` times `width`, rounded to a multiple of 8, at least 8."""
    return max(CHANNEL_MULTIPLE, int(channels * width / CHANNEL_MULTIPLE + 0.5) * CHANNEL_MULTIPLE)


class ConvUnit(nn.Module):
    """[B, in, H, W] -> [B, out, H', W'], non-negative. Without `padding` the unit keeps the grid ("same")."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Size,
        *,
        stride: int = 1,
        padding: Size | None = None,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        same = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
        self.out_channels = out_channels
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel,
            stride=stride,
            padding=same if padding is None else padding,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out_channels, eps=eps)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.relu(self.norm(self.conv(x)))
        return out


def initialise(module: nn.Module) -> None:
    """He et al. 2015 over the inputs for convolutions, without its gain for depthwise ones (no ReLU follows them).

    Activations keep their scale even before batch norm has seen data, so untrained networks give finite,
    non-zero maps. Our choice. Use with `module.apply`.
    """
    if isinstance(module, nn.Conv2d):
        gain = 1.0 if module.groups > 1 else 2.0
        nn.init.normal_(module.weight, std=(gain / module.weight[0].numel()) ** 0.5)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
    if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
