"""The settings that build SG-CLDFF, and its three sizes."""

from dataclasses import dataclass

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES

STRIDES = (2, 4, 8, 16, 32)
"""Of the backbone's five levels: input pixels to one place of the map."""


@dataclass(frozen=True)
class SgCldffConfig:
    """What builds the network; the defaults are the size `small`. Channels go by stride 2, 4, 8, 16, 32.

    `small` has the convolution stages of EfficientNet-Lite0, `full` those of EfficientNet-Lite4, up to stride 16, so that
    their public ImageNet weights fit (`lite_weights`).

    `saliency`, `cross_layer` and `swin` are the ablation's switches (docs/networks/sg-cldff.md).
    """

    input_px: int = 224
    classes: tuple[str, ...] = CELL_TYPES
    stem_channels: int = 32
    channels: tuple[int, ...] = (16, 24, 40, 112, 192)
    middle_channels: int = 80
    """Of the first of the two convolution stages at stride 16."""
    depths: tuple[int, ...] = (1, 2, 2, 3)
    """Of the convolution stages at strides 2, 4, 8, and of both at 16."""
    swin_depths: tuple[int, ...] = (2, 2)
    """Swin blocks at strides 16 and 32."""
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
        for name in ("classes", "channels", "depths", "swin_depths", "decoder_channels"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.input_px < 32 or self.input_px % 32:
            raise InputError(
                f"SG-CLDFF with an input of {self.input_px} px",
                wanted="a multiple of 32, at least 32",
                next_step=f"take {max(32, round(self.input_px / 32) * 32)}",
            )
        for name, count in (("channels", 5), ("depths", 4), ("swin_depths", 2)):
            if len(getattr(self, name)) != count:
                raise InputError(
                    f"SG-CLDFF with {name} {getattr(self, name)}",
                    wanted=f"{count} numbers, for the strides {STRIDES}",
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
        stem_channels=16,
        channels=(16, 16, 24, 64, 96),
        middle_channels=40,
        depths=(1, 1, 1, 2),
        mlp_ratio=2,
        fused_channels=32,
        evidence_channels=96,
        decoder_channels=(24, 16),
        saliency_channels=8,
    ),
    "small": SgCldffConfig(),
    "full": SgCldffConfig(
        channels=(24, 32, 56, 160, 640),
        middle_channels=112,
        depths=(1, 4, 4, 6),
        swin_depths=(2, 2),
        head_channels=32,
        mlp_ratio=4,
        fused_channels=128,
        groups=32,
        evidence_channels=256,
        decoder_channels=(96, 48),
        saliency_channels=24,
    ),
}
