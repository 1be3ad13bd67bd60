"""The settings of a training run, and the learning rate that they mean."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """What is set once for a run and saved in the checkpoint."""

    epochs: int = 20
    batch: int = 16
    rate: float = 2e-3
    """Highest learning rate of the one-cycle schedule (AdamW)."""
    weight_decay: float = 0.02
    warm_up: float = 0.15
    """Share of the run in which the rate rises."""
    ema_decay: float = 0.995
    """A step."""
    clip_norm: float = 2.0
    pretrained_rate: float = 0.3
    """Factor on the rate of weights that were learnt on other images."""
    patience: int = 0
    """Epochs without a better score after which the run stops; 0 for never."""
    max_minutes: float = 0.0
    """The schedule is compressed to end by then (not reproducible between machines); 0 for no limit."""
    seed: int = 1
    threads: int = 0
    """Of torch; 0 leaves torch's choice."""

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2:
            raise InputError(
                f"{self.epochs} epochs, batch {self.batch}",
                wanted="at least 1 epoch and a batch of 2",
            )
        if not 0 < self.rate <= 1:
            raise InputError(f"learning rate {self.rate}", wanted="above 0, at most 1")
        if not 0 <= self.ema_decay < 1:
            raise InputError(
                f"decay {self.ema_decay} of the averaged weights", wanted="0 to below 1"
            )
        if not 0 <= self.max_minutes < float("inf"):
            raise InputError(f"at most {self.max_minutes} minutes", wanted="0 (no limit) or more")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def rate_at(self, done: float) -> float:
        """Learning rate after the share `done` of the run: half a cosine up, half a cosine down to a thousandth."""
        if done < self.warm_up:
            low, high, share = self.rate / 20, self.rate, done / self.warm_up
        else:
            low, high = self.rate, self.rate / 1000
            share = (done - self.warm_up) / (1 - self.warm_up)
        return low + (high - low) * (1 - math.cos(math.pi * min(share, 1.0))) / 2
