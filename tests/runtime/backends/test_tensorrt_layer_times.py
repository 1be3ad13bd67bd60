"""Times of an engine's layers, by a profiler."""

import types

import pytest

from leukoscope.runtime.backends.tensorrt_layer_times import make_profiler
from leukoscope.runtime.engines.library import Library


class IProfiler:
    def __init__(self):
        self.begun = True


def test_times_of_a_layer_that_is_reported_twice_add_up():
    module = types.ModuleType("stand_in")
    module.IProfiler = IProfiler
    profiler = make_profiler(Library(module, "tensorrt", "10.3.0"))
    assert profiler.begun  # the bindings refuse one whose base was not begun
    for name, ms in (("conv", 1.0), ("pool", 0.5), ("conv", 2.0)):
        profiler.report_layer_time(name, ms)
    assert profiler.found == {"conv": 3.0, "pool": 0.5}


@pytest.mark.heavy
def test_an_engine_is_timed_layer_by_layer_and_works_on(run_over_driver, with_binding):
    run_over_driver("layer_times", binding=with_binding)


@pytest.mark.heavy
def test_on_a_board_with_shared_memory(run_over_driver):
    run_over_driver("layer_times", integrated=1)
