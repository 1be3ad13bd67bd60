"""A logarithmic axis: where a value lies, and which powers of ten are written on it."""

import math
from dataclasses import dataclass

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class LogAxis:
    """Values `low` to `high`, both above 0, on pixels `start` to `end`; what lies outside is drawn at the end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> tuple[float, ...]:
        """The powers of ten on it."""
        first = math.ceil(math.log10(self.low) - 1e-9)
        last = math.floor(math.log10(self.high) + 1e-9)
        return tuple(10.0**power for power in range(first, last + 1))


def spanning(values: list[float], start: float, end: float) -> LogAxis:
    """An axis of whole powers of ten that holds all `values`, which are above 0; two powers at least."""
    low = math.floor(math.log10(min(values)) + 1e-9) if values else 0
    high = math.ceil(math.log10(max(values)) - 1e-9) if values else 0
    return LogAxis(10.0**low, 10.0 ** max(high, low + 2), start, end)


def short_number(value: float) -> str:
    """`512 G`, `1.9 T`, `0.1`."""
    for size, prefix in PREFIXES:
        if value >= size:
            return f"{value / size:.3g}\u00a0{prefix}"
    return f"{value:.3g}"
