"""A linear axis: where a value lies, and which values are written on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10


@dataclass(frozen=True)
class Axis:
    """Values `low` to `high` on pixels `start` to `end`; what lies outside is drawn at the end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int = 5) -> tuple[float, ...]:
        """Round values from `low` to `high`, about so many."""
        step = _round_step((self.high - self.low) / about)
        first, last = round(self.low / step + 0.499999), floor(self.high / step + 1e-9)
        return tuple(round(i * step, 12) for i in range(first, last + 1))


def floor_of(values: Sequence[float], least: float = 0.0) -> float:
    """Where an axis of fractions up to 1 begins so that all values are on it: a twentieth or a fifth, not under `least`."""
    lowest = min(values, default=1.0)
    for begin in (0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0, -0.5):
        if begin >= least and lowest >= begin + 0.005:
            return begin
    return least


def label(value: float) -> str:
    """A tick in words, without noughts at its end: `0.95`, `1`."""
    return f"{value:.4f}".rstrip("0").rstrip(".").replace("-", "\u2212") or "0"


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, not under `rough`."""
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
