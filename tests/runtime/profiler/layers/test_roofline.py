"""Floors, distances, and sums by module."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import (
    COMPUTE,
    MEMORY,
    Floor,
    LayerTime,
    Work,
    by_module,
    floor_of,
    total_floor_ms,
)

counts = st.integers(0, 10**12)
works = st.builds(Work, counts, counts, counts, st.booleans())
rates = st.floats(1.0, 1e15)


def layer(module, ms, floor_ms=None):
    work = Work(10, 2, 3, False)
    floor = None if floor_ms is None else Floor(floor_ms, COMPUTE)
    return LayerTime("k", "Conv", module, module, ("n",), ms, work if module else None, floor)


def test_many_operations_are_bound_by_the_peak(peaks):
    assert floor_of(Work(10**9, 0, 1000, False), peaks, 0) == Floor(pytest.approx(10.0), COMPUTE)
    assert floor_of(Work(10**9, 0, 1000, True), peaks, 0) == Floor(pytest.approx(2.5), COMPUTE)


@pytest.mark.parametrize(
    ("weights", "activations", "constants", "expected_ms"),
    [
        (0, 500_000, 0, 0.01),  # in the cache, 50 GB/s
        (0, 5_000_000, 0, 0.5),  # beyond it, 10 GB/s
        (500_000, 0, 500_000, 0.01),  # all weights of the network fit
        (500_000, 0, 2_000_000, 0.05),  # they do not: each comes from memory
        (500_000, 500_000, 2_000_000, 0.06),
    ],
)
def test_few_operations_are_bound_by_bytes(peaks, weights, activations, constants, expected_ms):
    found = floor_of(Work(1000, weights, activations, False), peaks, constants)
    assert found == Floor(pytest.approx(expected_ms), MEMORY)


@pytest.mark.parametrize("lost", ["float32_per_s", "memory_bytes_per_s", "cache_bytes_per_s", "cache_bytes"])  # fmt: skip
def test_without_peaks_there_is_no_floor(peaks, lost):
    assert floor_of(Work(1, 1, 1, False), replace(peaks, **{lost: None}), 0) is None


@given(works, rates, rates, rates, rates)
def test_a_floor_is_never_under_either_of_its_times(work, float32, int8, memory, cache):
    peaks = Peaks(1, float32, int8, memory, cache, 1000)
    floor = floor_of(work, peaks, 0)
    peak = int8 if work.int8 else float32
    assert floor.ms >= work.operations / peak * 1e3 * (1 - 1e-9)
    assert floor.ms >= work.bytes / max(memory, cache) * 1e3 * (1 - 1e-9)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.floats(0.01, 10), st.floats(0.01, 10)), min_size=1))  # fmt: skip
def test_modules_lose_nothing(triples):
    layers = [layer(name, ms, floor if name else None) for name, ms, floor in triples]
    modules = by_module(layers)
    known = [one for one in layers if one.module]
    assert sum(one.ms for one in modules) == pytest.approx(sum(one.ms for one in known))
    assert sum(one.layers for one in modules) == len(known)
    assert sum(one.share for one in modules) <= 1 + 1e-9
    assert [one.ms for one in modules] == sorted((one.ms for one in modules), reverse=True)
    if known:
        assert sum(one.floor_ms for one in modules) == pytest.approx(total_floor_ms(layers))


def test_distances_and_intensity():
    assert layer("a", 6.0, 2.0).distance == 3.0
    assert layer("a", 6.0).distance is None and layer("a", 6.0, 0.0).distance is None
    assert Work(10, 2, 3, False).intensity == 2.0
    assert Work(10, 0, 0, False).intensity is None
    assert total_floor_ms([layer(None, 1.0)]) is None


def test_json_has_null_where_nothing_is_known():
    told = json.loads(json.dumps(layer(None, 1.0).to_json(), allow_nan=False))
    assert told["module"] is told["floor_ms"] is told["operations"] is told["distance"] is None
    told = layer("a", 6.0, 2.0).to_json()
    assert (told["distance"], told["intensity"], told["bound"]) == (3.0, 2.0, "compute")
    assert by_module([layer("a", 6.0, 2.0)])[0].to_json()["distance"] == 3.0
