"""The machine's peaks, measured."""

import json

import pytest

from leukoscope.runtime.profiler.layers import peaks
from leukoscope.runtime.profiler.layers.peaks import Peaks, best_of, measure_peaks


def test_all_peaks_are_measured(monkeypatch):
    monkeypatch.setattr(peaks, "PROBE_S", 0.0)
    monkeypatch.setattr(peaks, "ROUNDS", 1)
    monkeypatch.setattr(peaks, "memory_bytes_per_s", lambda threads, cache: 1.0 * threads)
    monkeypatch.setattr(peaks, "cache_bytes_per_s", lambda threads: 2.0 * threads)
    found = measure_peaks(2)
    assert found.threads == 2 and (found.memory_bytes_per_s, found.cache_bytes_per_s) == (2.0, 4.0)
    # No processor is slower than 100 million products, or faster than 10^15.
    assert 1e8 < found.float32_per_s < 1e15 and 1e8 < found.int8_per_s < 1e15
    assert (
        found.best_probes[0].startswith(("MatMul ", "Conv ")) and "Integer" in found.best_probes[1]
    )
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["threads"] == 2


def test_the_fastest_run_of_the_fastest_probe_counts(monkeypatch):
    seconds = iter([2.0, 1.0, 0.5, 4.0, 4.0, 4.0])
    monkeypatch.setattr(peaks, "_least_seconds", lambda probe, threads: next(seconds))
    best, name = peaks._best([peaks.Probe(n, 8, None) for n in "abc"], 1)
    assert (best, name) == (16.0, "c")


def test_the_better_of_two_measurements():
    one = Peaks(2, 1.0, 20.0, 3.0, None, 5, ("a", "b"))
    other = Peaks(2, 10.0, 2.0, None, 4.0, 5)
    assert best_of(one, other) == Peaks(2, 10.0, 20.0, 3.0, 4.0, 5, ("a", "b"))
    assert best_of(Peaks(0), Peaks(0)) == Peaks(0)


@pytest.mark.parametrize(("int8", "expected"), [(True, 4.0), (False, 3.0)])
def test_peaks_by_what_is_multiplied(int8, expected):
    assert Peaks(1, 3.0, 4.0).per_s(int8=int8) == expected
