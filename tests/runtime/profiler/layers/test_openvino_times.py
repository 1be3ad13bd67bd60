"""Kernel times of OpenVINO, by its own counters."""

from datetime import timedelta
from types import SimpleNamespace

import graph_made
import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers import openvino_times
from leukoscope.runtime.profiler.layers.openvino_times import time_openvino


def info(name, microseconds, status="EXECUTED"):
    return SimpleNamespace(
        node_name=name,
        node_type="Convolution",
        exec_type="brgconv_avx512_I8",
        real_time=timedelta(microseconds=microseconds),
        status=SimpleNamespace(name=status),
    )


class Request:
    """Slower with every call; a node that was fused away counts nothing."""

    def __init__(self):
        self.calls = 0

    def infer(self, inputs):
        assert inputs[0].shape == (1, 16, 16, 3)
        self.calls += 1

    @property
    def profiling_info(self):
        return [info("conv", 100 * self.calls), info("relu", 5, "NOT_RUN")]


class Operation:
    def __init__(self, name, info):
        self._name, self._info = name, info

    def get_friendly_name(self):
        return self._name

    def get_rt_info(self):
        return self._info


def test_what_ran_counts_and_the_first_calls_do_not(monkeypatch):
    request = Request()
    asked = {}
    operations = [
        Operation("conv", {"originalLayersNames": SimpleNamespace(value="a/Conv,a/Relu")}),
        Operation("x_abcd_acdb_conv", {"originalLayersNames": ""}),
        Operation("bare", {}),
    ]
    model = SimpleNamespace(
        create_infer_request=lambda: request,
        get_runtime_model=lambda: SimpleNamespace(get_ordered_ops=lambda: operations),
    )

    def compile_graph(graph, file, threads, **more):
        asked.update(more, threads=threads)
        return model

    monkeypatch.setattr(openvino_times, "compile_graph", compile_graph)
    found = time_openvino(b"", "m", graph_made.frames(), 2, 11)
    assert asked == {"PERF_COUNT": True, "threads": 2}
    (kernel,) = found.kernels
    assert (kernel.name, kernel.nodes) == ("conv", ("a/Conv", "a/Relu"))
    first = openvino_times.WARM_UP_CALLS + 1
    assert kernel.ms == pytest.approx((first + 1) / 10)  # the lower decile of eleven
    assert found.calls == 11 and found.call_ms >= 0


def test_a_network_that_runs():
    pytest.importorskip(
        "openvino", reason="openvino: not installed; to run it: pip install 'leukoscope[openvino]'"
    )
    found = time_openvino(graph_made.float_graph(), "made", graph_made.frames(), 1, 3)
    named = {name for kernel in found.kernels for name in kernel.nodes}
    assert {"trunk.stage.0.conv/Conv", "trunk.stage.1/MaxPool"} <= named
    assert found.call_ms > 0 and found.calls == 3


def test_what_is_no_model_is_an_error():
    pytest.importorskip(
        "openvino", reason="openvino: not installed; to run it: pip install 'leukoscope[openvino]'"
    )
    with pytest.raises(InputError, match=r"made is no sound|not take made"):
        time_openvino(b"\x08\x08", "made", graph_made.frames(), 1, 1)
