"""One network in one precision on one backend: how long a call takes, alone, by twos, and in batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leukoscope.runtime.backends.device_times import TellsTimes
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.profiler.cpu_time import Load, cpu_time, load_between
from leukoscope.runtime.profiler.many_calls import (
    BatchTime,
    Squares,
    calling,
    sweep,
    two_callers,
)
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.monitors.watch import watch
from leukoscope.runtime.profiler.percentiles import Distribution, distribution, median
from leukoscope.runtime.profiler.stopwatch import why_no_copies
from leukoscope.runtime.profiler.timed_calls import Limits, Samples, time_calls
from leukoscope.runtime.profiler.trust import Doubt, doubts, spread
from leukoscope.runtime.profiler.warm_up import WarmUp, warm_up

MOST_SAMPLES = 2000
WARM_UP_SHARE, LATENCY_SHARE, CALLERS_SHARE, BATCHES_SHARE = 0.2, 0.5, 0.1, 0.2
"""Of the seconds that a variant has; what the warm-up leaves is not given away."""
DEVICE_TIMED = 50
"""Calls that are timed by the device's events."""


@dataclass(frozen=True)
class Throughput:
    """Squares a second."""

    serial_per_s: float | None
    two_callers_per_s: float | None
    """Two threads over one engine, as the stream calls it."""


@dataclass(frozen=True)
class Copies:
    """Medians of the parts of a call, milliseconds; None with the reason in `why_not` where they cannot be told apart."""

    copy_in_ms: float | None
    engine_ms: float | None
    copy_out_ms: float | None
    why_not: str | None


@dataclass(frozen=True)
class Monitors:
    """Who watched the machine, and at what cost."""

    sources: tuple[str, ...]
    notes: tuple[str, ...]
    """What failed, a line each."""
    cost_share: float
    """Of one core's time."""


@dataclass(frozen=True, eq=False)
class VariantProfile:
    """All that was measured of it."""

    network: str
    precision: str
    backend: str
    input_px: int
    squares: int
    """Different ones that went round."""
    warm_up: WarmUp
    latency_ms: Distribution
    spread: float | None
    """See `trust.spread`."""
    throughput: Throughput
    copies: Copies
    batches: tuple[BatchTime, ...]
    load: Load | None
    doubts: tuple[Doubt, ...]
    samples: Samples
    readings: tuple[Reading, ...]
    """While the latency was measured."""
    monitors: Monitors

    @property
    def trusted(self) -> bool:
        return not self.doubts


def profile_variant(
    engine: Engine,
    squares: Squares,
    seconds: float,
    batches: Sequence[int],
    stopped: Callable[[], bool],
    status: Callable[[str], None] = lambda text: None,
) -> VariantProfile:
    """Measures for about `seconds`, a square of `squares` [S, S, 3] a call in turn; ends early when `stopped`.

    The latency is that of `Engine.infer`: the backend's call, and the look at its outputs.
    """
    call = calling(engine, squares)
    status("warm-up")
    warm = warm_up(call, Limits(seconds * WARM_UP_SHARE, MOST_SAMPLES, stopped))
    status("latency")
    begin = cpu_time()
    with watch() as watching:
        samples = time_calls(call, Limits(seconds * LATENCY_SHARE, MOST_SAMPLES, stopped))
    load, readings = load_between(begin, cpu_time()), watching.readings
    copies = _copies(engine, squares, stopped)
    status("two callers")
    by_two = two_callers(engine, squares, seconds * CALLERS_SHARE, stopped)
    status("batches")
    swept = sweep(engine, squares, batches, seconds * BATCHES_SHARE, stopped)
    serial = len(samples) / samples.seconds if samples.seconds else None
    return VariantProfile(
        network=engine.network,
        precision=engine.backend.precision,
        backend=engine.backend.name,
        input_px=engine.contract.input_px,
        squares=len(squares),
        warm_up=warm,
        latency_ms=distribution(samples.taken_ms),
        spread=spread(samples.taken_ms),
        throughput=Throughput(serial, by_two),
        copies=copies,
        batches=swept,
        load=load,
        doubts=doubts(samples.taken_ms, warm, load, readings),
        samples=samples,
        readings=readings,
        monitors=Monitors(watching.sources, watching.notes, watching.own_cost_share),
    )


def _copies(engine: Engine, squares: Squares, stopped: Callable[[], bool]) -> Copies:
    backend = engine.backend
    if not isinstance(backend, TellsTimes):
        return Copies(None, None, None, why_no_copies([backend]))
    times = []
    for number in range(DEVICE_TIMED):
        if stopped():
            break
        times.append(backend.infer_timed(squares[number % len(squares)][None])[1])
    copied_in = [one.copy_in_ms for one in times if one.copy_in_ms is not None]
    copied_out = [one.copy_out_ms for one in times if one.copy_out_ms is not None]
    shared = None if copied_in else "nothing is copied: device and processor share their memory"
    return Copies(
        median(copied_in), median([one.engine_ms for one in times]), median(copied_out), shared
    )
