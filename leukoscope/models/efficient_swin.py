"""The backbone of SG-CLDFF: EfficientNet-Lite's convolution stages, then Swin blocks, gated by the saliency.

The abstract says 'EfficientSwin-style hybrid'; which stages are which is our choice. Convolutions look where maps are
large, and their ImageNet weights are public (`lite_weights`); windows of attention look where maps are small.
"""

from torch import Tensor, nn

from leukoscope.models.mbconv import MBConvStage, conv_norm
from leukoscope.models.saliency import SaliencyGate
from leukoscope.models.sg_cldff_config import STRIDES, SgCldffConfig
from leukoscope.models.swin import SwinBlocks, SwinStage


class EfficientSwin(nn.Module):
    """MBConv at strides 2 to 16, Swin at 16 and 32; gated by the saliency from stride 4 on.

    Images [B, 3, S, S], normalised -> five maps, one a stride. With `swin` off there is no attention at stride 16, and an
    MBConv stage makes stride 32.
    """

    def __init__(self, config: SgCldffConfig) -> None:
        super().__init__()
        two, four, eight, sixteen, _ = config.channels
        depths = config.depths
        self.stem = nn.Sequential(conv_norm(3, config.stem_channels, 3, stride=2), nn.ReLU6())
        self.stages = nn.ModuleList(
            [
                MBConvStage(config.stem_channels, two, depths[0], stride=1, expansion=1),
                MBConvStage(two, four, depths[1]),
                MBConvStage(four, eight, depths[2], kernel=5),
                nn.Sequential(
                    MBConvStage(eight, config.middle_channels, depths[3]),
                    MBConvStage(config.middle_channels, sixteen, depths[3], kernel=5, stride=1),
                    _attention(config),
                ),
                _deepest(config),
            ]
        )
        gated = STRIDES[1:] if config.saliency else ()
        gates = (SaliencyGate(c, s) for c, s in zip(config.channels[1:], gated, strict=False))
        self.gates = nn.ModuleList(gates)

    def forward(self, x: Tensor, saliency: Tensor) -> list[Tensor]:
        x = self.stages[0](self.stem(x))
        maps = [x]
        for i, stage in enumerate(self.stages[1:]):
            x = stage(x)
            if len(self.gates):
                x = self.gates[i](x, saliency)
            maps.append(x)
        return maps


def _attention(config: SgCldffConfig) -> nn.Module:
    channels = config.channels[3]
    if not config.swin:
        return nn.Identity()
    return SwinBlocks(
        channels,
        config.swin_depths[0],
        heads=channels // config.head_channels,
        side=config.input_px // STRIDES[3],
        window=config.window,
        ratio=config.mlp_ratio,
    )


def _deepest(config: SgCldffConfig) -> nn.Module:
    inputs, outputs = config.channels[3:]
    if not config.swin:
        return MBConvStage(inputs, outputs, config.swin_depths[1], kernel=5)
    return SwinStage(
        inputs,
        outputs,
        config.swin_depths[1],
        heads=outputs // config.head_channels,
        side=config.input_px // STRIDES[4],
        window=config.window,
        ratio=config.mlp_ratio,
    )
