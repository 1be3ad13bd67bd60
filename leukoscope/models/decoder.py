"""The two ways out of SG-CLDFF's fused levels: the mask, and the evidence map of the classification head.

The abstract names two heads and no more; both are our choice.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from leukoscope.images.classes import MASK_CLASSES
from leukoscope.models.cross_layer import resize
from leukoscope.models.mbconv import conv_norm


class Evidence(nn.Module):
    """The Grad-CAM target: levels of any strides from 8 on -> one map [B, C, grid, grid] at stride 8, non-negative.

    `inputs` are the channels of the levels.
    """

    def __init__(self, inputs: Sequence[int], channels: int, grid: int) -> None:
        super().__init__()
        self.grid = grid
        self.links = nn.ModuleList(conv_norm(level, channels) for level in inputs)
        self.act = nn.ReLU()

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        parts = [resize(link(x), self.grid) for link, x in zip(self.links, levels, strict=True)]
        y: Tensor = self.act(sum(parts[1:], parts[0]))
        return y


class MaskDecoder(nn.Module):
    """Fused levels at strides 4 to 32, coarse to fine, then a skip at stride 2 -> logits [B, 3, S, S], float32.

    At each step the coarser map is interpolated and added, and a 3x3 convolution smooths the sum. The skip at stride 2
    carries the outline; the last step, to the full grid, is interpolation of the logits. `channels` are those of the
    decoder at strides 4 and 2.
    """

    def __init__(self, fused: int, skip: int, channels: Sequence[int], input_px: int) -> None:
        super().__init__()
        self.input_px = input_px
        quarter, half = channels
        self.smooth = nn.ModuleList(_smooth(fused, outputs) for outputs in (fused, fused, quarter))
        self.narrow = nn.Conv2d(quarter, half, 1, bias=False)
        self.outline = _smooth(half + skip, half)
        self.logits = nn.Conv2d(half, len(MASK_CLASSES), 3, padding=1)

    def forward(self, levels: Sequence[Tensor], skip: Tensor) -> Tensor:
        x = levels[-1]
        for finer, smooth in zip(reversed(levels[:-1]), self.smooth, strict=True):
            x = smooth(finer + resize(x, finer.shape[2]))
        x = torch.cat([resize(self.narrow(x), skip.shape[2]), skip], dim=1)
        return resize(self.logits(self.outline(x)).float(), self.input_px)


def _smooth(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(conv_norm(inputs, outputs, 3), nn.ReLU())
