"""The backbone of SG-CLDFF: light convolution stages, then Swin stages, gated by the saliency.

The abstract says 'EfficientSwin-style hybrid'; which stages are which is our choice.
"""

from torch import Tensor, nn

from leukoscope.models.mbconv import MBConvStage, conv_norm
from leukoscope.models.saliency import SaliencyGate
from leukoscope.models.sg_cldff_config import STRIDES, SgCldffConfig
from leukoscope.models.swin import SwinStage


class EfficientSwin(nn.Module):
    """EfficientSwin-style: MBConv at strides 2, 4, 8, Swin at 16, 32; gated by the saliency from stride 4 on.

    Images [B, 3, S, S], normalised -> five maps, one a stride. With `swin` off, MBConv stages take the place of the Swin stages.
    """

    def __init__(self, config: SgCldffConfig) -> None:
        super().__init__()
        channels, depths = config.channels, config.depths
        self.stem = nn.Sequential(conv_norm(3, channels[0], 3, stride=2), nn.SiLU())
        stages: list[nn.Module] = [MBConvStage(channels[0], channels[0], depths[0], 1, 1)]
        stages += [MBConvStage(channels[i - 1], channels[i], depths[i]) for i in (1, 2)]
        stages += [self._deep(config, i) for i in (3, 4)]
        self.stages = nn.ModuleList(stages)
        gated = STRIDES[1:] if config.saliency else ()
        gates = (SaliencyGate(c, s) for c, s in zip(channels[1:], gated, strict=False))
        self.gates = nn.ModuleList(gates)

    @staticmethod
    def _deep(config: SgCldffConfig, i: int) -> nn.Module:
        inputs, outputs, depth = config.channels[i - 1], config.channels[i], config.depths[i]
        if not config.swin:
            return MBConvStage(inputs, outputs, depth)
        return SwinStage(
            inputs,
            outputs,
            depth,
            heads=outputs // config.head_channels,
            side=config.input_px // STRIDES[i],
            window=config.window,
            ratio=config.mlp_ratio,
        )

    def forward(self, x: Tensor, saliency: Tensor) -> list[Tensor]:
        x = self.stages[0](self.stem(x))
        maps = [x]
        for i, stage in enumerate(self.stages[1:]):
            x = stage(x)
            if len(self.gates):
                x = self.gates[i](x, saliency)
            maps.append(x)
        return maps
