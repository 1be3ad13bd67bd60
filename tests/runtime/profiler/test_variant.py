import numpy as np
import pytest

from leukoscope.runtime.backends.device_times import DeviceTimes
from leukoscope.runtime.engine import open_engines
from leukoscope.runtime.profiler.stopwatch import NOTHING_COPIED
from leukoscope.runtime.profiler.variant import DEVICE_TIMED, profile_variant
from leukoscope.runtime.settings import Settings


@pytest.fixture(scope="module")
def engine(toy_bundle):
    return open_engines(toy_bundle, Settings(threads=1), ["xincept_all"])["xincept_all"]


@pytest.fixture
def squares(painted_inputs, engine):
    return painted_inputs.squares(engine.contract)


def test_a_variant_is_measured_in_all_its_parts(engine, squares):
    told = []
    found = profile_variant(engine, squares, 1.0, (1, 2), lambda: False, told.append)
    assert told == ["warm-up", "latency", "two callers", "batches"]
    assert (found.network, found.precision, found.backend) == ("xincept_all", "fp32", "onnxruntime-cpu")  # fmt: skip
    assert found.input_px == 96 and found.squares == len(squares)
    assert found.latency_ms.n == len(found.samples) >= 1
    assert found.latency_ms.max == max(found.samples.taken_ms)
    assert found.throughput.serial_per_s > 0 and found.throughput.two_callers_per_s > 0
    assert [one.batch for one in found.batches] == [1, 2]
    assert found.copies.engine_ms is None and found.copies.why_not == NOTHING_COPIED
    assert found.readings and "host" in found.monitors.sources


def test_what_is_stopped_at_once_is_empty_and_not_trusted(engine, squares):
    found = profile_variant(engine, squares, 5.0, (1,), lambda: True)
    assert found.latency_ms.n == 0 and found.batches == ()
    assert found.throughput.serial_per_s is None
    assert {one.code for one in found.doubts} >= {"few_samples", "not_warm"}
    assert not found.trusted


def test_a_device_that_tells_its_times_is_asked(engine, squares):
    class Telling:
        name, precision, asked = "tensorrt", "fp32", 0

        def infer(self, frames):
            return engine.backend.infer(frames)

        def infer_timed(self, frames):
            self.asked += 1
            return self.infer(frames), DeviceTimes(0.25, 1.0 + self.asked, 0.5)

    class Sharing(Telling):
        def infer_timed(self, frames):
            return self.infer(frames), DeviceTimes(None, 2.0, None)

    backend = Telling()
    found = profile_variant(_with(engine, backend), squares, 0.1, (), lambda: False).copies
    assert backend.asked == DEVICE_TIMED
    assert (found.copy_in_ms, found.copy_out_ms, found.why_not) == (0.25, 0.5, None)
    assert found.engine_ms == pytest.approx(np.median([2 + n for n in range(DEVICE_TIMED)]))
    shared = profile_variant(_with(engine, Sharing()), squares, 0.1, (), lambda: False).copies
    assert shared.copy_in_ms is None and shared.engine_ms == 2.0 and "share" in shared.why_not


def _with(engine, backend):
    from dataclasses import replace

    return replace(engine, backend=backend)
