import numpy as np

from leukoscope.images.contract import Contract
from leukoscope.progress import Silent
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.report import latency


class Clocked:
    """An engine's backend that takes a known time by a clock of its own."""

    name, precision = "clocked", "fp32"

    def __init__(self, log, name, clock, takes_s):
        self._log, self._name, self._clock, self._takes_s = log, name, clock, takes_s

    def infer(self, frames):
        assert frames.shape == (1, 64, 64, 3) and frames.dtype == np.uint8
        self._log.append(self._name)
        self._clock[0] += self._takes_s
        arrays = {"probabilities": (1, 2), "features": (1, 3), "cams": (1, 2, 4, 4)}
        return {key: np.zeros(shape, np.float32) for key, shape in arrays.items()}


def engines(log, clock, times):
    return {
        name: Engine("xincept_all", ("a", "b"), Contract(64), Clocked(log, name, clock, t))
        for name, t in times.items()
    }


def test_variants_take_turns_and_warm_up_first(monkeypatch):
    log, clock = [], [0.0]
    monkeypatch.setattr(latency.time, "perf_counter", lambda: clock[0])
    found = latency.latencies(engines(log, clock, {"fp32": 0.02, "int8": 0.005}), Silent())
    assert abs(found["fp32"].p50_ms - 20) < 1e-6 and abs(found["int8"].p90_ms - 5) < 1e-6
    assert found["fp32"].n == found["int8"].n == latency.ROUNDS >= 20
    warm = 2 * latency.WARM_UP
    assert log[warm:] == ["fp32", "int8"] * latency.ROUNDS


def test_slow_engines_stop_at_the_least_number(monkeypatch):
    log, clock = [], [0.0]
    monkeypatch.setattr(latency.time, "monotonic", lambda: clock[0])
    found = latency.latencies(engines(log, clock, {"fp32": 10.0}), Silent())
    assert found["fp32"].n == latency.LEAST_ROUNDS >= 20
