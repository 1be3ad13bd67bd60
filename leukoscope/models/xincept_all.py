"""XIncept-ALL: InceptionV3 and Xception side by side, fused at two depths (Khan et al. 2025)."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.models.conv_unit import ConvUnit, initialise
from leukoscope.models.fusion import FusionBlock, Incoming, PlainConcatenation
from leukoscope.models.grid import Depth, Grid, Resample
from leukoscope.models.inception import InceptionTrunk
from leukoscope.models.network import Network, Side
from leukoscope.models.xception import XceptionTrunk

MIN_INPUT_PX = 75
"""Below this nothing is left of InceptionV3's last map."""

LIMITS: tuple[tuple[str, type[float], float, float], ...] = (
    ("input_px", int, MIN_INPUT_PX, 4096),
    ("width", float, 0.0625, 4.0),
    ("fused_channels", int, 8, 4096),
    ("features", int, 8, 4096),
    ("dropout", float, 0.0, 0.9),
)
"""What a configuration may ask for, so that a checkpoint from elsewhere cannot ask for all memory."""


@dataclass(frozen=True)
class XInceptAllConfig:
    """What XIncept-ALL is built from; plain values, so that it travels as JSON.

    `width` multiplies the channels of both trunks, `fused_channels` are those of each fusion block, `features` those of the
    target map. `inception`, `xception` and `fusion_blocks` switch parts off, as an ablation does. `dropout` acts on the
    features in training. Raises InputError for values that cannot be built.
    """

    width: float
    fused_channels: int
    features: int
    input_px: int = 299
    classes: tuple[str, ...] = STAGES
    inception: bool = True
    xception: bool = True
    fusion_blocks: bool = True
    dropout: float = 0.2

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        self._check_numbers()
        if not (self.inception or self.xception):
            raise InputError(
                "an XIncept-ALL with both trunks switched off",
                wanted="at least one of them",
                next_step="set inception or xception to true",
            )
        if len(set(self.classes)) != len(self.classes) or len(self.classes) < 2:
            raise InputError(
                f"classes {self.classes} of an XIncept-ALL", wanted="two or more different names"
            )

    def _check_numbers(self) -> None:
        for name, kind, least, most in LIMITS:
            value: Any = getattr(self, name)
            if not (isinstance(value, (int, kind)) and least <= value <= most):
                raise InputError(
                    f"an XIncept-ALL with {name} = {value!r}",
                    wanted=f"{name} from {least} to {most}",
                )


XINCEPT_ALL_SIZES = {
    "nano": XInceptAllConfig(width=0.125, fused_channels=64, features=64),
    "small": XInceptAllConfig(width=0.25, fused_channels=96, features=128),
    "full": XInceptAllConfig(width=1.0, fused_channels=256, features=512),
}


class XInceptAll(Network):
    """[B, 3, S, S] in 0..1 -> target map A [B, features, h, h], non-negative, h = ceil(S / 16) -> logits.

    A lies evenly on the input square (see `grid`), so a Grad-CAM map drawn over the image is where the evidence is. The
    features for the boosted trees are A's means over the plane; the head is linear on them.
    """

    name = "xincept_all"

    def __init__(self, config: XInceptAllConfig) -> None:
        super().__init__()
        self.config = config
        self.classes = config.classes
        self.inception = InceptionTrunk(config.width) if config.inception else None
        self.xception = XceptionTrunk(config.width) if config.xception else None
        middle, last = Grid.even(self.input_px, 16), Grid.even(self.input_px, 32)
        self.fuse_middle = self._fusion("middle", onto=middle)
        self.fuse_last = self._fusion("last", onto=last)
        self.lift = Resample(last, middle)
        joined = self.fuse_middle.out_channels + self.fuse_last.out_channels
        self.join = ConvUnit(joined, config.features, 1)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.features, len(config.classes))
        self.register_buffer("temperature", torch.ones(1))
        self.apply(initialise)
        # Positive, so that an untrained network's Grad-CAM maps are not zero; a weight added to every class alike leaves
        # the softmax where it is.
        nn.init.uniform_(self.head.weight, 0.0, 0.02)

    @property
    def input_px(self) -> int:
        return self.config.input_px

    @property
    def target_name(self) -> str:
        return "join"

    def settings(self) -> dict[str, Any]:
        return {**asdict(self.config), "classes": list(self.config.classes)}

    def encode(self, images: Tensor) -> tuple[Tensor, Side]:
        scaled = images * 2.0 - 1.0
        middles, lasts = zip(*(trunk(scaled) for trunk in self._trunks()), strict=True)
        fine, coarse = self.fuse_middle(middles), self.fuse_last(lasts)
        return self.join(torch.cat([fine, self.lift(coarse)], dim=1)), {}

    def classify(self, target: Tensor, side: Side) -> Tensor:
        logits: Tensor = self.head(self.dropout(target.mean((2, 3))))
        return logits

    def readings(self, target: Tensor, side: Side) -> dict[str, Tensor]:
        """`features` [B, F] for the trees, `feature_maps` [B, F, h, h], the target map itself."""
        return {"features": target.mean((2, 3)), "feature_maps": target}

    def _trunks(self) -> list[InceptionTrunk | XceptionTrunk]:
        return [trunk for trunk in (self.inception, self.xception) if trunk is not None]

    def _fusion(self, depth: Depth, onto: Grid) -> FusionBlock | PlainConcatenation:
        incoming = [
            Incoming(trunk.channels[depth], Grid.after(self.input_px, trunk.steps[depth]))
            for trunk in self._trunks()
        ]
        if self.config.fusion_blocks:
            return FusionBlock(incoming, onto, self.config.fused_channels)
        return PlainConcatenation(incoming, onto)
