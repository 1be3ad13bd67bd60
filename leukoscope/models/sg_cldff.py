"""SG-CLDFF (Zekriyapanah Gashti et al., arXiv 2510.17278): saliency-guided cross-layer deep-feature fusion.

Outlines the white cell and names its type. docs/networks/sg-cldff.md has the block diagram, the sizes, and what the
abstract leaves open.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leukoscope.models import colour
from leukoscope.models.cross_layer import CrossLayerFusion, LateralProjection
from leukoscope.models.decoder import Evidence, MaskDecoder
from leukoscope.models.efficient_swin import EfficientSwin
from leukoscope.models.network import Network, Side
from leukoscope.models.saliency import SALIENCY_STRIDE, SaliencyPrior
from leukoscope.models.sg_cldff_config import SG_CLDFF_SIZES, STRIDES, SgCldffConfig

__all__ = ["SG_CLDFF_SIZES", "SgCldff", "SgCldffConfig", "pooling_weights"]

TARGET_STRIDE = 8
POOLING_FLOOR = 0.02
"""Least weight of a place in the pooling before it is normalised: an image without any salient place is pooled evenly."""


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
        self.backbone = EfficientSwin(config)
        self.neck = (
            CrossLayerFusion(channels, fused, grids, config.groups)
            if config.cross_layer
            else LateralProjection(channels, fused)
        )
        # The deep maps also go past the fusion, whose channels are few: types need more than outlines do.
        self.evidence = Evidence(
            [fused] * 3 + list(channels[2:]),
            config.evidence_channels,
            config.input_px // TARGET_STRIDE,
        )
        self.decoder = MaskDecoder(
            fused, config.channels[0], config.decoder_channels, config.input_px
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.evidence_channels, len(config.classes))
        self.register_buffer("temperature", torch.ones(1))
        self.apply(_initialise)

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
        seen = colour.on_white_ground(images, colour.ground_of(images, SALIENCY_STRIDE))
        skip, *maps = self.backbone(seen * 2.0 - 1.0, saliency)
        levels: Sequence[Tensor] = self.neck(maps)
        side = {
            "mask_logits": self.decoder(levels, skip),
            "saliency": saliency,
            "pooling": pooling_weights(saliency),
        }
        return self.evidence([*levels[1:], *maps[2:]]), side

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

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """As every network's, and `class_maps` [B, K, h, w]: what Grad-CAM shows of each class, before its ReLU."""
        outputs = super().forward(images)
        kernel = self.head.weight[:, :, None, None]
        return {**outputs, "class_maps": F.conv2d(outputs["target"], kernel)}

    def readings(self, target: Tensor, side: Side) -> dict[str, Tensor]:
        return {"mask": side["mask_logits"].softmax(1), "saliency": side["saliency"].squeeze(1)}


def pooling_weights(saliency: Tensor) -> Tensor:
    """Saliency [B, 1, S/4, S/4] -> weights [B, 1, S/8, S/8] that sum to one, none of them nought."""
    here = F.avg_pool2d(saliency, TARGET_STRIDE // SALIENCY_STRIDE) + POOLING_FLOOR
    return here / here.sum((2, 3), keepdim=True)


def _initialise(module: nn.Module) -> None:
    """Linear layers narrow, as in Swin; convolutions, which batch norm follows, as torch makes them."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
