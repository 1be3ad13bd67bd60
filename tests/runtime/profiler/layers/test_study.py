"""Studies of whole networks on this processor."""

import json

import graph_made
import numpy as np
import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.backends.choose import Native
from leukoscope.runtime.backends.tensorrt_layer_times import EngineTimes
from leukoscope.runtime.profiler.layers import study
from leukoscope.runtime.profiler.layers.graph import read_network_graph
from leukoscope.runtime.profiler.layers.kernel_times import KernelTime, KernelTimes
from leukoscope.runtime.profiler.layers.study import study_graph, study_layers
from leukoscope.runtime.settings import Settings


@pytest.mark.parametrize(("precision", "make"), [("fp32", graph_made.float_graph), ("int8", graph_made.paired_graph)])  # fmt: skip
def test_a_study_of_the_made_network(precision, make, peaks):
    found = study_graph(make(), "made", "made", precision, graph_made.frames(), 1, 4, peaks)
    assert (found.backend, found.precision, found.calls, found.input_px) == (
        "onnxruntime-cpu",
        precision,
        4,
        16,
    )
    assert found.peaks == peaks and found.ms > 0 and found.floor_ms > 0
    products = {one.path: one for one in found.layers if "Conv" in one.operator}
    assert any(path and path.startswith("trunk.stage.0") for path in products)
    assert "gradcam" in {one.name for one in found.modules}
    assert json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_a_study_of_a_shipped_network_maps_nearly_all(ready_bundle, network, peaks):
    bundle = open_bundle(ready_bundle)
    side = bundle.network(network).contract["input_px"]
    frames = np.random.default_rng(0).integers(0, 255, (2, side, side, 3), np.uint8)
    settings = Settings(backend="onnxruntime-cpu", threads=1)
    found = study_layers(bundle, network, "fp32", settings, frames, calls=4, peaks=peaks)
    # What belongs to no module moves between layouts, and nothing else.
    assert {one.operator for one in found.layers if one.module is None} <= LAYOUT
    operations = sum(one.work.operations for one in found.layers if one.work)
    wanted = {"xincept_all": 791_184_512, "sg_cldff": 1_288_861_952}[network]
    assert wanted <= operations <= 1.1 * wanted  # with the maps, pools and sums


def test_a_study_on_openvino(ready_bundle, peaks):
    pytest.importorskip(
        "openvino", reason="openvino: not installed; to run it: pip install 'leukoscope[openvino]'"
    )
    bundle = open_bundle(ready_bundle)
    side = bundle.network("xincept_all").contract["input_px"]
    frames = np.zeros((2, side, side, 3), np.uint8)
    settings = Settings(backend="openvino", threads=1)
    found = study_layers(bundle, "xincept_all", "fp32", settings, frames, calls=3, peaks=peaks)
    assert found.backend == "openvino" and 0 < found.unmapped_share < 1
    assert sum(one.work.operations for one in found.layers if one.work) >= 791_184_512
    assert {"inception.stem", "xception.middle", "gradcam"} <= {one.name for one in found.modules}


@pytest.mark.parametrize(("call_ms", "said"), [(4.9, False), (5.1, True)])
def test_calls_that_others_interrupted_are_told(monkeypatch, peaks, call_ms, said):
    times = KernelTimes((KernelTime("trunk.stage.1/MaxPool", "MaxPool", "float", 4.0),), call_ms, 3)
    monkeypatch.setattr(study, "time_kernels", lambda *_: times)
    found = study_graph(
        graph_made.float_graph(), "m", "m", "fp32", graph_made.frames(), 1, 3, peaks
    )
    assert any("other programs had the cores" in line for line in found.notes) == said


def test_peaks_are_measured_before_and_after(monkeypatch, peaks):
    asked = []
    monkeypatch.setattr(study, "measure_peaks", lambda threads: asked.append(threads) or peaks)
    study_graph(graph_made.float_graph(), "made", "made", "fp32", graph_made.frames(), 1, 2)
    assert asked == [1, 1]


LAYOUT = {"ReorderInput", "ReorderOutput", "Transpose", "Reshape"}


class EngineBackend:
    """A device's backend that reports every node as a layer; the second call is the one that counts."""

    name, precision = "tensorrt", "fp32"

    def __init__(self, graph):
        self.closed, self.asked = False, []
        self._layers = [node.name for node in graph.nodes]

    def layer_times(self, frames, calls):
        self.asked.append((len(frames), calls))
        ms = 9.0 if len(self.asked) == 1 else 0.5
        return EngineTimes(tuple(dict.fromkeys(self._layers, ms) for _ in range(calls)), ())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True


def test_an_engine_is_studied_by_its_own_profiler(ready_bundle, monkeypatch):
    bundle = open_bundle(ready_bundle)
    graph = read_network_graph(bundle.graph("xincept_all", "fp32"), "x")
    backend = EngineBackend(graph)
    monkeypatch.setattr(study, "open_native", lambda *_: Native(backend))
    side = bundle.network("xincept_all").contract["input_px"]
    frames = np.zeros((3, side, side, 3), np.uint8)
    found = study_layers(
        bundle, "xincept_all", "fp32", Settings(backend="tensorrt"), frames, calls=6
    )
    assert backend.closed and backend.asked[-1] == (3, 6)
    assert found.backend == "tensorrt" and found.calls == 6 and found.unmapped_share == 0
    assert found.ms == pytest.approx(0.5 * len(graph.nodes))
    assert found.floor_ms is None and not found.peaks.threads
    assert any("not measured" in line for line in found.notes)
    assert {one.name for one in found.modules} >= {"inception.stem", "gradcam"}


def test_a_backend_that_tells_no_times_gives_an_empty_study(ready_bundle, monkeypatch):
    monkeypatch.setattr(study, "open_native", lambda *_: Native(None, ("the engine is wrong",)))
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    settings = Settings(backend="onnxruntime-cuda")
    found = study_layers(open_bundle(ready_bundle), "xincept_all", "fp32", settings, frames)
    assert found.ms is None and found.layers == ()
    assert found.notes == ("the engine is wrong", "layers are not measured on onnxruntime-cuda: it tells no times of ours")  # fmt: skip
