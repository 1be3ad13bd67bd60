"""What this machine can do at most, measured: products a second through ONNX Runtime's own kernels, and bytes a second."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from leukoscope.runtime.backends.onnxruntime import available_cores
from leukoscope.runtime.profiler.layers.bandwidth import (
    cache_bytes_per_s,
    last_cache_bytes,
    memory_bytes_per_s,
)
from leukoscope.runtime.profiler.layers.probe_graphs import Probe, float_probes, int8_probes

PROVIDER = "CPUExecutionProvider"
WARM_UP_RUNS = 2
PROBE_S, ROUNDS = 0.2, 2
"""Each probe has two turns, apart from each other; its best run counts."""


@dataclass(frozen=True)
class Peaks:
    """Operations and bytes a second, of all threads together; None where they were not measured."""

    threads: int
    float32_per_s: float | None = None
    int8_per_s: float | None = None
    memory_bytes_per_s: float | None = None
    cache_bytes_per_s: float | None = None
    cache_bytes: int | None = None
    """Of the largest cache: what is larger moves at the memory's speed."""
    best_probes: tuple[str, ...] = ()
    """The products that gave the two peaks."""

    def per_s(self, *, int8: bool) -> float | None:
        """The peak of a kernel that multiplies bytes, or floats."""
        return self.int8_per_s if int8 else self.float32_per_s

    def to_json(self) -> dict[str, Any]:
        """Plain values; null where they were not measured."""
        return {**asdict(self), "best_probes": list(self.best_probes)}


def best_of(one: Peaks, other: Peaks) -> Peaks:
    """Of each peak the greater: what was measured twice, as other programs may have had the cores for a while."""
    return replace(
        one,
        float32_per_s=_greater(one.float32_per_s, other.float32_per_s),
        int8_per_s=_greater(one.int8_per_s, other.int8_per_s),
        memory_bytes_per_s=_greater(one.memory_bytes_per_s, other.memory_bytes_per_s),
        cache_bytes_per_s=_greater(one.cache_bytes_per_s, other.cache_bytes_per_s),
    )


def measure_peaks(threads: int | None = None) -> Peaks:
    """Takes about three seconds of `threads` threads, by default one for each core that this process may use."""
    count = threads or available_cores()
    cache = last_cache_bytes()
    float_best, float_name = _best(float_probes(), count)
    int8_best, int8_name = _best(int8_probes(), count)
    return Peaks(
        threads=count,
        float32_per_s=float_best,
        int8_per_s=int8_best,
        memory_bytes_per_s=memory_bytes_per_s(count, cache),
        cache_bytes_per_s=cache_bytes_per_s(count),
        cache_bytes=cache,
        best_probes=(float_name, int8_name),
    )


def _greater(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _best(probes: Sequence[Probe], threads: int) -> tuple[float, str]:
    return max(
        (probe.operations / _least_seconds(probe, threads), probe.name)
        for _ in range(ROUNDS)
        for probe in probes
    )


def _least_seconds(probe: Probe, threads: int) -> float:
    """Of one run, the least."""
    import onnxruntime

    graph, fed = probe.make()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph, options, providers=[PROVIDER])
    for _ in range(WARM_UP_RUNS):
        session.run(None, {"x": fed})
    least, end = float("inf"), time.perf_counter() + PROBE_S
    while (start := time.perf_counter()) < end or least == float("inf"):
        session.run(None, {"x": fed})
        least = min(least, time.perf_counter() - start)
    return least
