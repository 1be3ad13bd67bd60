import time

import numpy as np

from leukoscope.runtime.backends.device_times import DeviceTimes
from leukoscope.runtime.profiler import stopwatch
from leukoscope.runtime.profiler.stopwatch import (
    NOTHING_COPIED,
    Stopwatch,
    WatchedBackend,
    why_no_copies,
)

FRAMES = np.zeros((1, 8, 8, 3), np.uint8)


class Silent:
    name, precision = "onnxruntime-cpu", "fp32"

    def infer(self, frames):
        return {"a": frames.astype(np.float32)}


class Cuda(Silent):
    name = "onnxruntime-cuda"


class OpenVino(Silent):
    name = "openvino"


class Telling(Silent):
    name = "tensorrt"

    def infer_timed(self, frames):
        return self.infer(frames), DeviceTimes(0.25, 1.0, 0.5)


class Hand:
    """`time` whose every look is one millisecond later."""

    def __init__(self):
        self.ms = 0

    def monotonic_ns(self):
        self.ms += 1
        return self.ms * 1_000_000


def test_calls_of_networks_are_taken_out_of_the_stage_that_makes_them(monkeypatch):
    monkeypatch.setattr(stopwatch, "time", Hand())
    watch = Stopwatch()
    backend = WatchedBackend(Silent(), "sg_cldff", [watch])
    with watch.on("cells"):  # looks at 1 ms and 6 ms, the calls at 2 to 3 and 4 to 5
        backend.infer(FRAMES)
        backend.infer(FRAMES)
    assert watch.ms["engine"] == 2.0 and watch.ms["cells"] == 3.0
    assert watch.calls == 2 and watch.by_network == {"sg_cldff": 2.0}
    assert sum(watch.ms.values()) == 5.0


def test_what_the_device_says_of_copies_is_taken_out_of_the_engine():
    watch = Stopwatch()
    watch.add_call(2.0, DeviceTimes(0.25, 1.0, 0.5))
    assert (watch.ms["copy_in"], watch.ms["engine"], watch.ms["copy_out"]) == (0.25, 1.25, 0.5)
    watch.add_call(2.0, DeviceTimes(None, 1.0, None))
    assert watch.ms["engine"] == 3.25 and watch.networks_ms == 4.0


def test_a_backend_that_tells_is_asked_for_its_times():
    watch = Stopwatch()
    arrays = WatchedBackend(Telling(), "xincept_all", [watch]).infer(FRAMES)
    assert list(arrays) == ["a"] and watch.ms["copy_out"] == 0.5


def test_a_watched_backend_is_called_as_the_one_behind_it():
    backend = WatchedBackend(Silent(), "x", [Stopwatch()])
    assert (backend.name, backend.precision) == ("onnxruntime-cpu", "fp32")
    began = time.monotonic()
    backend.infer(FRAMES)
    assert time.monotonic() >= began


def test_why_there_are_no_copies():
    assert why_no_copies([Silent(), OpenVino()]) == NOTHING_COPIED
    assert why_no_copies([Telling()]) is None
    assert "onnxruntime-cuda does not tell" in why_no_copies([Telling(), Cuda()])
