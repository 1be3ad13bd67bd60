"""Studies of whole networks on this processor."""

import json

import graph_made
import numpy as np
import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.backends.choose import Native
from leukoscope.runtime.profiler.layers import study
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
    assert found.unmapped_share < 0.1
    operations = sum(one.work.operations for one in found.layers if one.work)
    wanted = {"xincept_all": 791_184_512, "sg_cldff": 1_288_861_952}[network]
    assert wanted <= operations <= 1.1 * wanted  # with the maps, pools and sums


def test_peaks_are_measured_before_and_after(monkeypatch, peaks):
    asked = []
    monkeypatch.setattr(study, "measure_peaks", lambda threads: asked.append(threads) or peaks)
    study_graph(graph_made.float_graph(), "made", "made", "fp32", graph_made.frames(), 1, 2)
    assert asked == [1, 1]


def test_a_backend_that_tells_no_times_gives_an_empty_study(ready_bundle, monkeypatch):
    monkeypatch.setattr(study, "open_native", lambda *_: Native(None, ("the engine is wrong",)))
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    settings = Settings(backend="onnxruntime-cuda")
    found = study_layers(open_bundle(ready_bundle), "xincept_all", "fp32", settings, frames)
    assert found.ms is None and found.layers == ()
    assert found.notes == ("the engine is wrong", "layers are not measured on onnxruntime-cuda: it tells no times of ours")  # fmt: skip
