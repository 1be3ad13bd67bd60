"""The layers of engines by TensorRT's own profiler, and what the machine's monitors say meanwhile, on the device."""

import numpy as np
import pytest

from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.engines import build
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.profiler.layers.engine_layers import engine_layers
from leukoscope.runtime.profiler.layers.graph import read_network_graph
from leukoscope.runtime.profiler.layers.roofline import by_module
from leukoscope.runtime.profiler.layers.shapes import tensor_facts
from leukoscope.runtime.profiler.monitors.watch import watch

pytestmark = pytest.mark.gpu
CALLS = 30


def test_the_layers_of_an_engine_are_modules_of_the_network(bundle, library, figure, tmp_path):
    network, precision = next(iter(bundle.manifest.networks)), "fp32"
    file, graph = bundle.variant(network, precision).file, bundle.graph(network, precision)
    side = bundle.network(network).contract["input_px"]
    frames = np.random.default_rng(0).integers(0, 255, (4, side, side, 3), np.uint8)
    request = BuildRequest(library.name, (1, 4))
    engine = build.build_engine(bundle, network, precision, request, folder=tmp_path)
    with (
        TensorRtBackend(library, engine.path.read_bytes(), file, precision, 4) as backend,
        watch() as watching,
    ):
        times = backend.layer_times(frames, CALLS)
    read = read_network_graph(graph, file)
    layers = engine_layers(times, read, tensor_facts(graph, file, read, frames[:1]))
    whole = sum(one.ms for one in layers)
    figure("layers_ms", whole)
    figure("unmapped_share", sum(one.ms for one in layers if one.module is None) / whole)
    figure("modules_ms", {one.name: one.ms for one in by_module(layers)})
    figure("unmapped", [one.name for one in layers if one.module is None][:20])
    figure("monitors", {"sources": watching.sources, "notes": watching.notes})
    figure("last reading", watching.readings[-1].to_json())
    assert len(times.calls) == CALLS and whole > 0
    assert any(one.module for one in layers), "no layer was found in the network: see `unmapped`"
    assert "host" in watching.sources
