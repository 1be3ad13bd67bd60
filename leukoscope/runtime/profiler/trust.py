"""When figures cannot be trusted, and why: by rules whose thresholds are named here (all of them our choice)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leukoscope.runtime.profiler.cpu_time import Load
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.percentiles import median, needed, round_medians
from leukoscope.runtime.profiler.warm_up import RULE, WarmUp

LEAST_SAMPLES = needed(95)
"""Fewer carry no p95."""
ROUNDS, LEAST_A_ROUND = 5, 6
"""Rounds that the samples are cut into afterwards, and the samples that each must have to be compared."""
ROUNDS_APART = 0.10
"""Medians of the rounds: the greatest over the least, less one."""
TREND = 0.05
"""Median of the last third of the samples against that of the first."""
OTHERS_LOAD = 0.05
"""Share of the cores' time that went to other programs."""
STOLEN = 0.01
"""Share of the cores' time that the hypervisor kept."""
CLOCKS_APART = 0.10
"""Of the fastest core, or of the GPU: the greatest less the least over the median."""


@dataclass(frozen=True)
class Doubt:
    """One reason not to trust a figure."""

    code: str
    """`few_samples`, `not_warm`, `trend`, `rounds_apart`, `other_load`, `stolen_time`, `throttled`, `clocks_changed`."""
    words: str


def doubts(
    taken_ms: Sequence[float],
    warm: WarmUp | None,
    load: Load | None,
    readings: Sequence[Reading] = (),
    turn: int = 1,
) -> tuple[Doubt, ...]:
    """All reasons there are; none is trust. What is not known (None) raises none.

    `turn`: samples after which the inputs come round, where the time depends on the input: parts of the samples that
    are shorter are not compared.
    """
    found: list[Doubt] = []
    for some in (
        _of_number(taken_ms),
        _of_warm_up(warm),
        _of_trend(taken_ms, turn),
        _of_rounds(taken_ms, turn),
        _of_load(load),
        _of_throttling(readings),
        _of_clocks(readings),
    ):
        found += some
    return tuple(found)


def spread(taken_ms: Sequence[float], turn: int = 1) -> float | None:
    """How far the medians of ROUNDS rounds lie apart, as a share of the least; None where there are too few samples."""
    part = _whole_turns(len(taken_ms) // ROUNDS, turn)
    if part < LEAST_A_ROUND:
        return None
    medians = round_medians(taken_ms[: part * ROUNDS] if turn > 1 else taken_ms, ROUNDS)
    return max(medians) / min(medians) - 1 if min(medians) > 0 else None


def trend(taken_ms: Sequence[float], turn: int = 1) -> float | None:
    """Median of the last third over that of the first, less one; None where there are too few samples."""
    third = _whole_turns(len(taken_ms) // 3, turn)
    if len(taken_ms) < LEAST_SAMPLES or not third:
        return None
    first, last = median(taken_ms[:third]), median(taken_ms[-third:])
    return last / first - 1 if first and last is not None else None


def _whole_turns(samples: int, turn: int) -> int:
    return samples // turn * turn


def _of_number(taken_ms: Sequence[float]) -> Iterable[Doubt]:
    if len(taken_ms) < LEAST_SAMPLES:
        yield Doubt(
            "few_samples", f"{len(taken_ms)} samples, {LEAST_SAMPLES} wanted: give more --seconds"
        )


def _of_warm_up(warm: WarmUp | None) -> Iterable[Doubt]:
    if warm is not None and not warm.stable:
        yield Doubt("not_warm", f"not stable after {warm.calls} calls of warm-up ({RULE})")


def _of_trend(taken_ms: Sequence[float], turn: int) -> Iterable[Doubt]:
    change = trend(taken_ms, turn)
    if change is None or abs(change) <= TREND:
        return
    why = (
        "slower towards the end: throttling, or more load"
        if change > 0
        else "faster towards the end: clocks were rising, or less load"
    )
    yield Doubt("trend", f"{change:+.0%} from the first third to the last: {why}")


def _of_rounds(taken_ms: Sequence[float], turn: int) -> Iterable[Doubt]:
    apart = spread(taken_ms, turn)
    if apart is not None and apart > ROUNDS_APART:
        yield Doubt("rounds_apart", f"medians of {ROUNDS} rounds lie {apart:.0%} apart")


def _of_load(load: Load | None) -> Iterable[Doubt]:
    if load is None:
        return
    if load.others_share > OTHERS_LOAD:
        yield Doubt(
            "other_load",
            f"other programs took {load.others_share:.0%} of the cores' time, ours {load.own_share:.0%}",
        )
    if load.stolen_share > STOLEN:
        yield Doubt(
            "stolen_time", f"the hypervisor kept {load.stolen_share:.1%} of the cores' time"
        )


def _of_throttling(readings: Sequence[Reading]) -> Iterable[Doubt]:
    known = [one.throttled for one in readings if one.throttled is not None]
    if any(known):
        yield Doubt("throttled", f"throttled in {sum(known)} of {len(known)} readings")


def _of_clocks(readings: Sequence[Reading]) -> Iterable[Doubt]:
    of_cores = [max(one.cpu_mhz) for one in readings if one.cpu_mhz]
    of_gpu = [one.gpu_mhz for one in readings if one.gpu_mhz is not None]
    for name, clocks in (("processor", of_cores), ("GPU", of_gpu)):
        middle = median(clocks)
        if middle and (max(clocks) - min(clocks)) / middle > CLOCKS_APART:
            words = f"the {name}'s clock went from {min(clocks):.0f} to {max(clocks):.0f} MHz"
            yield Doubt("clocks_changed", words)
