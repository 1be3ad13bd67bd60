"""How long one inference takes here, variants in turn so that a busy moment hits all of them alike."""

import time
from collections.abc import Mapping

import numpy as np

from leukoscope.progress import Progress
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.report.contents import Latency

WARM_UP = 3
ROUNDS = 24
LONGEST_S = 60.0
"""After so long no further round begins, once there are LEAST_ROUNDS."""
LEAST_ROUNDS = 20


def latencies(engines: Mapping[str, Engine], progress: Progress) -> dict[str, Latency]:
    """By variant: `infer` on one generated square at a time, after a warm-up."""
    side = next(iter(engines.values())).contract.input_px
    square = np.random.default_rng(1).integers(0, 256, (1, side, side, 3), np.uint8)
    for engine in engines.values():
        for _ in range(WARM_UP):
            engine.infer(square)
    taken_ms: dict[str, list[float]] = {name: [] for name in engines}
    end = time.monotonic() + LONGEST_S
    for done in progress.track(range(ROUNDS), "latency"):
        if done >= LEAST_ROUNDS and time.monotonic() > end:
            break
        for name, engine in engines.items():
            begin = time.perf_counter()
            engine.infer(square)
            taken_ms[name].append((time.perf_counter() - begin) * 1e3)
    return {name: _latency(times) for name, times in taken_ms.items()}


def _latency(times_ms: list[float]) -> Latency:
    p50, p90 = np.quantile(times_ms, [0.5, 0.9])
    return Latency(float(p50), float(p90), len(times_ms))
