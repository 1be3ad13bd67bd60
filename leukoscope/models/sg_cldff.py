"""SG-CLDFF (Zekriyapanah Gashti et al., arXiv 2510.17278): saliency-guided cross-layer deep-feature fusion.

Outlines the white cell and names its type. docs/networks/sg-cldff.md has the block diagram, the sizes, and what the
abstract leaves open.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, MASK_CLASSES
from leukoscope.models.cross_layer import CrossLayerFusion, LateralProjection
from leukoscope.models.decoder import Evidence, MaskDecoder
from leukoscope.models.mbconv import MBConvStage, conv_norm
from leukoscope.models.network import Network, Side
from leukoscope.models.saliency import SALIENCY_STRIDE, SaliencyGate, SaliencyPrior
from leukoscope.models.swin import SwinStage

STRIDES = (2, 4, 8, 16, 32)
TARGET_STRIDE = 8
POOLING_FLOOR = 0.02
"""Least weight of a place in the pooling before it is normalised: an image without any salient place is pooled evenly."""


@dataclass(frozen=True)
class SgCldffConfig:
    """What builds the network; the defaults are the size `small`. Channels and depths go by stride 2, 4, 8, 16, 32.

    `saliency`, `cross_layer` and `swin` are the ablation's switches (docs/networks/sg-cldff.md).
    """

    input_px: int = 224
    classes: tuple[str, ...] = CELL_TYPES
    channels: tuple[int, ...] = (16, 32, 64, 128, 192)
    depths: tuple[int, ...] = (1, 2, 3, 2, 2)
    head_channels: int = 16
    window: int = 7
    mlp_ratio: int = 3
    fused_channels: int = 64
    groups: int = 8
    evidence_channels: int = 128
    decoder_channels: tuple[int, ...] = (40, 24)
    saliency_channels: int = 16
    dropout: float = 0.2
    saliency: bool = True
    cross_layer: bool = True
    swin: bool = True

    def __post_init__(self) -> None:
        for name in ("classes", "channels", "depths", "decoder_channels"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.input_px < 32 or self.input_px % 32:
            raise InputError(
                f"SG-CLDFF with an input of {self.input_px} px",
                wanted="a multiple of 32, at least 32",
                next_step=f"take {max(32, round(self.input_px / 32) * 32)}",
            )
        if len(self.channels) != len(STRIDES) or len(self.depths) != len(STRIDES):
            raise InputError(
                f"SG-CLDFF with {len(self.channels)} channels and {len(self.depths)} depths",
                wanted=f"{len(STRIDES)} of each, for the strides {STRIDES}",
            )


SG_CLDFF_SIZES: dict[str, SgCldffConfig] = {
    "nano": SgCldffConfig(
        channels=(16, 24, 40, 80, 112),
        depths=(1, 2, 2, 2, 2),
        mlp_ratio=2,
        fused_channels=32,
        evidence_channels=96,
        decoder_channels=(24, 16),
        saliency_channels=8,
    ),
    "small": SgCldffConfig(),
    "full": SgCldffConfig(
        channels=(32, 64, 128, 384, 640),
        depths=(1, 2, 4, 6, 2),
        head_channels=32,
        mlp_ratio=4,
        fused_channels=128,
        groups=32,
        evidence_channels=256,
        decoder_channels=(96, 48),
        saliency_channels=24,
    ),
}


class Backbone(nn.Module):
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
        grid = config.input_px // STRIDES[i]
        heads = outputs // config.head_channels
        return SwinStage(
            inputs, outputs, depth, heads, (grid, grid), config.window, config.mlp_ratio
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


class SgCldff(Network):
    """Images in 0..1 -> mask logits, saliency, and the logits of the white-cell types.

    `side`: `mask_logits` [B, 3, S, S], `saliency` [B, 1, S/4, S/4] in 0..1 (ones where it is switched off), `pooling`
    [B, 1, S/8, S/8], which sums to one over the plane.
    """

    name = "sg_cldff"

    def __init__(self, config: SgCldffConfig) -> None:
        super().__init__()
        self.config = config
        self.classes = config.classes
        grids = [config.input_px // stride for stride in STRIDES[1:]]
        channels, fused = config.channels[1:], config.fused_channels
        self.saliency = SaliencyPrior(config.saliency_channels) if config.saliency else None
        self.backbone = Backbone(config)
        self.neck = (
            CrossLayerFusion(channels, fused, grids, config.groups)
            if config.cross_layer
            else LateralProjection(channels, fused)
        )
        self.evidence = Evidence(fused, config.evidence_channels, config.input_px // TARGET_STRIDE)
        quarter, half = config.decoder_channels
        self.decoder = MaskDecoder(
            fused, config.channels[0], quarter, half, config.input_px, len(MASK_CLASSES)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.evidence_channels, len(config.classes))
        self.register_buffer("temperature", torch.ones(1))
        self.apply(_initialise)
        if self.saliency is not None:
            self.saliency.reset()

    @property
    def input_px(self) -> int:
        return self.config.input_px

    @property
    def target_name(self) -> str:
        return "evidence"

    def settings(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self.config).items()}

    def encode(self, images: Tensor) -> tuple[Tensor, Side]:
        saliency = self._saliency(images)
        skip, *maps = self.backbone(images * 4.0 - 2.0, saliency)
        levels: Sequence[Tensor] = self.neck(maps)
        side = {
            "mask_logits": self.decoder(levels, skip),
            "saliency": saliency,
            "pooling": pooling_weights(saliency),
        }
        return self.evidence(levels[1:]), side

    def _saliency(self, images: Tensor) -> Tensor:
        if self.saliency is not None:
            saliency: Tensor = self.saliency(images)
            return saliency
        side = self.config.input_px // SALIENCY_STRIDE
        return images.new_ones((images.shape[0], 1, side, side))

    def classify(self, target: Tensor, side: Side) -> Tensor:
        """Mean of the evidence under the pooling weights, then one linear layer: [B, C, h, w] -> [B, K]."""
        pooled = (target.float() * side["pooling"]).sum((2, 3))
        logits: Tensor = self.head(self.dropout(pooled))
        return logits.float()

    def readings(self, target: Tensor, side: Side) -> dict[str, Tensor]:
        return {"mask": side["mask_logits"].softmax(1), "saliency": side["saliency"].squeeze(1)}


def pooling_weights(saliency: Tensor) -> Tensor:
    """Saliency [B, 1, S/4, S/4] -> weights [B, 1, S/8, S/8] that sum to one, none of them nought."""
    here = F.avg_pool2d(saliency, TARGET_STRIDE // SALIENCY_STRIDE) + POOLING_FLOOR
    return here / here.sum((2, 3), keepdim=True)


def _initialise(module: nn.Module) -> None:
    """Convolutions to unit gain (He et al. 2015), linear layers narrow as in Swin, gates left as they are."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
