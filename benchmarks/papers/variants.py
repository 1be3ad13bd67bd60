"""What each ablation switches off, for both networks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from leukoscope.training.cell_task import LossWeights


@dataclass(frozen=True)
class Variant:
    """One way to build and train a network; `says` is its row in the table."""

    name: str
    says: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the network that differ from its size's."""
    losses: LossWeights = field(default_factory=LossWeights)
    """Of SG-CLDFF's terms; XIncept-ALL has one term only."""
    outlines: bool = True
    auto_augment: bool = True
    jitter: float = 1.0
    """Factor on the stain and colour jitter."""
    balanced: bool = True

    def to_json(self) -> dict[str, Any]:
        """All that changes a result: everything but the words."""
        values = asdict(self)
        del values["name"], values["says"]
        return values


WHOLE = Variant("whole", "whole")
UNALIGNED = LossWeights(saliency=0.0, evidence=0.0)
PLAIN = {"saliency": False, "cross_layer": False, "swin": False}

SG_CLDFF: tuple[Variant, ...] = (
    WHOLE,
    Variant("no-saliency", "without saliency prior", {"saliency": False}),
    Variant("no-cross-layer", "without cross-layer fusion", {"cross_layer": False}),
    Variant("no-alignment", "without alignment losses", losses=UNALIGNED),
    Variant("plain", "plain: all of these off, no Swin", PLAIN, UNALIGNED, outlines=False),
)
XINCEPT_ALL: tuple[Variant, ...] = (
    WHOLE,
    Variant("inception-alone", "Inception alone", {"xception": False}),
    Variant("xception-alone", "Xception alone", {"inception": False}),
    Variant("no-fusion-blocks", "without fusion blocks", {"fusion_blocks": False}),
    Variant("no-auto-augment", "without auto-augmentation", auto_augment=False),
    Variant("no-balancing", "without balancing", balanced=False),
    Variant("no-colour", "without any colour augmentation", auto_augment=False, jitter=0.0),
)
BASELINE = Variant("baseline", "", losses=UNALIGNED)
"""Other designs: our images, views, augmentation and losses, but the alignment, which is SG-CLDFF's own."""


def variant(network: str, name: str) -> Variant:
    """The variant called `name` of `network`."""
    ours = {"sg_cldff": SG_CLDFF, "xincept_all": XINCEPT_ALL}.get(network, (BASELINE,))
    return next(one for one in ours if one.name == name)
