"""How figures of several seeds are written."""

from collections.abc import Sequence
from statistics import mean, stdev


def spread(values: Sequence[float]) -> str:
    """`0.912 (0.905..0.920, sd 0.008)`; one value alone; `-` for none."""
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:.3f}"
    deviation = stdev(values)
    return f"{mean(values):.3f} ({min(values):.3f}..{max(values):.3f}, sd {deviation:.3f})"


def difference(values: dict[int, float], whole: dict[int, float]) -> str:
    """Mean over the seeds that both have of `values` less `whole`, signed, and how many of them have that sign; `-` for none."""
    pairs = [values[seed] - whole[seed] for seed in sorted(values.keys() & whole.keys())]
    if not pairs:
        return "-"
    found = mean(pairs)
    same = sum((one > 0) == (found > 0) and one != 0 for one in pairs)
    return f"{found:+.3f} ({same} of {len(pairs)})"


def number_range(values: Sequence[float]) -> str:
    """`61..94`, or `61` where all are alike."""
    low, high = round(min(values)), round(max(values))
    return f"{low}..{high}" if low != high else str(low)
