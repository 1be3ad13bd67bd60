"""Ways of doing one thing that take turns in one run, so that a busy machine slows all alike."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Way = Callable[[int], object]
"""Does the thing on the i-th input."""
Times = dict[str, NDArray[np.float64]]
"""Milliseconds [turns, calls] by way."""

LOWER_DECILE = 10.0
"""Of a turn's calls: those that another process interrupted do not count (our choice)."""


@dataclass(frozen=True)
class Plan:
    """How often: of each turn the first `warm_up` calls of a way are not counted."""

    turns: int
    calls: int
    warm_up: int = 1


def take_turns(ways: Mapping[str, Way], plan: Plan) -> Times:
    """Measures every way; inputs are counted on from call to call, the same for all ways of a turn.

    Each turn begins with another way, so that none always follows the same one. One turn more runs first, uncounted.
    """
    names = list(ways)
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for turn in range(-1, plan.turns):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            times = _calls(ways[name], turn * plan.calls, plan)
            if turn >= 0:
                found[name].append(times)
    return {name: np.array(times) for name, times in found.items()}


def of_each_turn(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """One figure a turn [turns]: the lower decile of its calls."""
    return np.percentile(times, LOWER_DECILE, axis=1)


def timed(call: Callable[[], object]) -> float:
    """Milliseconds that one call took."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def _calls(way: Way, first: int, plan: Plan) -> list[float]:
    gc.collect()
    gc.disable()
    try:
        times = [
            timed(lambda index=index: way(index))  # type: ignore[misc]
            for index in range(first - plan.warm_up, first + plan.calls)
        ]
    finally:
        gc.enable()
    return times[plan.warm_up :]
