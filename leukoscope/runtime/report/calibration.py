"""How a network was calibrated, as calibration.json tells it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """What quantizing this layer alone does."""

    name: str
    output_error: float
    """Of the output that deviates most: root mean square of the difference over that of the float output."""
    cam_error: float | None
    """1 less the mean rank correlation of the Grad-CAM maps."""
    multiply_adds: int
    returned: bool
    """Whether the variant keeps it in float."""

    @property
    def harm(self) -> float:
        """What layers are ranked by."""
        return self.output_error + (self.cam_error or 0.0)


@dataclass(frozen=True)
class Part:
    """One part of a calibration set."""

    name: str
    images: int
    groups: int
    by_label: Mapping[str, int]


@dataclass(frozen=True)
class Method:
    """A way to set the ranges, tried with all layers in INT8; errors as of `Layer`."""

    name: str
    output_error: float
    cam_error: float


@dataclass(frozen=True)
class Step:
    """One try of the layer search, on the search part."""

    returned: int
    """How many layers, most harmful first, were in float."""
    outcome: str
    n: int
    flips: int
    failed: Mapping[str, float]
    """Checks over their budget, with the loss."""


@dataclass(frozen=True)
class MakeUp:
    """How a network was calibrated, as calibration.json has it."""

    network: str
    method: str
    parts: tuple[Part, ...]
    left_out: Mapping[str, int]
    """Images by cause."""
    missing: tuple[str, ...]
    """Classes without an image in the ranges part."""
    returned: tuple[str, ...]
    """Layers left in float."""
    graph_sha256: str | None
    seed: int | None = None
    int8_share: float | None = None
    """Of the multiply-adds, 0 to 1."""
    methods: tuple[Method, ...] = ()
    steps: tuple[Step, ...] = ()
