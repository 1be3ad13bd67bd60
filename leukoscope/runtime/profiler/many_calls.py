"""An engine under more than one call at a time: two callers, and batches."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.engine import Engine
from leukoscope.runtime.pipeline import share
from leukoscope.runtime.profiler.percentiles import median
from leukoscope.runtime.profiler.timed_calls import Limits, time_calls

MOST_CALLS = 2000
CALLERS = 2
"""As many as the stream has fields under way."""
BATCH_WARM_UP, LEAST_BATCHES = 2, 5
Squares = Sequence[NDArray[np.uint8]]


@dataclass(frozen=True)
class BatchTime:
    """Calls with `batch` squares each."""

    batch: int
    n: int
    p50_ms: float | None
    ms_a_square: float | None
    squares_per_s: float | None


def two_callers(
    engine: Engine, squares: Squares, seconds: float, stopped: Callable[[], bool]
) -> float | None:
    """Squares a second of CALLERS threads that call one engine as the stream's do; None where none was done in time.

    Raises what a call raises.
    """
    shared, until = share(engine), time.monotonic() + seconds
    counts, errors = [0] * CALLERS, list[Exception]()

    def work(caller: int) -> None:
        call = calling(shared, squares)
        try:
            while time.monotonic() < until and not stopped():
                call(counts[caller] * CALLERS + caller)
                counts[caller] += 1
        except Exception as error:  # raised by the caller of this function
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(CALLERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(counts) / (time.monotonic() - began) if sum(counts) else None


def sweep(
    engine: Engine,
    squares: Squares,
    batches: Sequence[int],
    seconds: float,
    stopped: Callable[[], bool],
) -> tuple[BatchTime, ...]:
    """Each batch size for its part of `seconds`, but at least LEAST_BATCHES calls."""
    swept = []
    for batch in batches:
        if stopped():
            break
        call = calling(engine, squares, batch)
        for number in range(BATCH_WARM_UP):
            call(number)
        taken = time_calls(call, Limits(seconds / len(batches), MOST_CALLS, stopped)).taken_ms
        while len(taken) < LEAST_BATCHES and not stopped():
            taken += time_calls(call, Limits(0, 1, stopped)).taken_ms
        swept.append(_batch_time(batch, taken))
    return tuple(swept)


def _batch_time(batch: int, taken_ms: Sequence[float]) -> BatchTime:
    middle = median(taken_ms) if len(taken_ms) >= LEAST_BATCHES else None
    if middle is None:
        return BatchTime(batch, len(taken_ms), None, None, None)
    return BatchTime(batch, len(taken_ms), middle, middle / batch, 1e3 * batch / middle)


def calling(engine: Engine, squares: Squares, batch: int = 1) -> Callable[[int], object]:
    """`call(n)` infers the n-th batch of squares, going round; what it needs is stacked before."""
    count = len(squares)
    stacks = [
        np.stack([squares[(start + i) % count] for i in range(batch)])
        for start in range(0, count, max(1, min(batch, count)))
    ]
    return lambda number: engine.infer(stacks[number % len(stacks)])
