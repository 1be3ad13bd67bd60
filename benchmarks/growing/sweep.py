"""One sweep: the same work at several sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from timing.exponent import exponent_of
from timing.interval import Interval, interval_of
from timing.turns import Plan, Way, of_each_turn, take_turns


@dataclass(frozen=True)
class Sweep:
    """`ways` by size."""

    name: str
    unit: str
    """Of the size."""
    ways: Mapping[float, Way]


@dataclass(frozen=True)
class Growth:
    """What came of a sweep."""

    name: str
    unit: str
    ms: Mapping[float, Interval]
    exponent: Interval
    """b of cost = a * size^b: 1 is linear, 0 is no growth."""
    last_step: Interval
    """The exponent between the two greatest sizes alone, where a constant part weighs least."""

    def to_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "ms": {f"{size:g}": one.to_json() for size, one in self.ms.items()},
            "exponent": self.exponent.to_json(),
            "last_step": self.last_step.to_json(),
        }


def measure(sweep: Sweep, plan: Plan) -> Growth:
    """All sizes take turns; the exponent is that of all turns together."""
    times = take_turns({str(size): way for size, way in sweep.ways.items()}, plan)
    turns = {size: of_each_turn(times[str(size)]) for size in sweep.ways}
    return growth_of(sweep.name, sweep.unit, turns)


def growth_of(name: str, unit: str, turns: Mapping[float, Any]) -> Growth:
    """From milliseconds [turns] by size."""
    sizes = np.repeat(list(turns), [len(one) for one in turns.values()])
    ends = sorted(turns)[-2:]
    log_step = np.log(ends[1] / ends[0])
    steps = np.log(np.asarray(turns[ends[1]]) / np.asarray(turns[ends[0]])) / log_step
    return Growth(
        name,
        unit,
        {size: interval_of(one) for size, one in turns.items()},
        exponent_of(sizes, np.concatenate([np.asarray(one) for one in turns.values()])),
        interval_of(steps),
    )
