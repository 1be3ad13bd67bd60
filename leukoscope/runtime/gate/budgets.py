"""What a variant may lose against the float model."""

from dataclasses import dataclass, fields
from math import ceil, isfinite

from leukoscope.errors import UsageError

TINY = 1e-9
"""Of rounding: 1 / 0.05 is a little over 20 as floats go."""


@dataclass(frozen=True)
class Budgets:
    """Fractions above 0 and below 1, else UsageError."""

    max_accuracy_drop: float = 0.005
    max_recall_drop: float = 0.02
    """Of any class."""
    max_iou_drop: float = 0.01
    """Of the cell and of the nucleus, pooled over pixels."""
    min_cam_agreement: float = 0.95
    """Median over images of Spearman's rho."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isfinite(value) and 0 < value < 1):
                option = f"--{field.name.replace('_', '-')}"
                raise UsageError(f"{option} {value}", wanted="a fraction above 0 and below 1")

    @property
    def max_cam_drop(self) -> float:
        """How far the agreement may stay below 1, where the float model is with itself."""
        return round(1 - self.min_cam_agreement, 12)


def images_needed(budget: float) -> int:
    """Images from which on a set can resolve `budget`: one image is no more than it; 200 for 0.005, 50 for 0.02."""
    return ceil(1 / budget - TINY)
