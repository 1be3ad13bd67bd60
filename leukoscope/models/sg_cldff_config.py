"""The settings that build SG-CLDFF, and its three sizes."""

from dataclasses import dataclass

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES

STRIDES = (2, 4, 8, 16, 32)
"""Of the backbone's five levels: input pixels to one place of the map."""


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
        parts = [(c, self.head_channels, "heads") for c in self.channels[3:] if self.swin]
        for channels, divisor, what in [*parts, (self.fused_channels, self.groups, "groups")]:
            if channels % divisor:
                raise InputError(
                    f"SG-CLDFF with {channels} channels for {what} by {divisor}",
                    wanted=f"channels that {divisor} divides",
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
        channels=(32, 64, 128, 384, 704),
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
