"""The probes are graphs that ONNX knows, and they compute what they say."""

import numpy as np
import onnx
import onnxruntime
import pytest

from leukoscope.runtime.profiler.layers.cost import operations
from leukoscope.runtime.profiler.layers.graph import read_network_graph
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.probe_graphs import float_probes, int8_probes

PROBES = {probe.name: probe for probe in (*float_probes(), *int8_probes())}


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_a_sound_model_and_gives_the_product(name):
    data, fed = PROBES[name].make()
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": fed})
    weights = onnx.numpy_helper.to_array(model.graph.initializer[0])
    if found.ndim == 2:
        wide = np.int32 if fed.dtype == np.uint8 else np.float64
        wanted = fed[:4].astype(wide) @ weights.astype(wide)
        np.testing.assert_allclose(found[:4], wanted, rtol=1e-3, atol=1e-2)
    else:
        wanted = np.einsum("cij,cij->", fed[0, :, :3, :3].astype(float), weights[7].astype(float))
        assert found[0, 7, 0, 0] == pytest.approx(wanted, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize("probe", float_probes(), ids=lambda probe: probe.name)
def test_operations_are_those_of_the_graph(probe):
    data, fed = probe.make()
    graph = read_network_graph(data, "probe")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": fed})
    facts = {
        "x": TensorFact("float", fed.shape),
        "w": TensorFact("float", graph.constants["w"].shape),
        "y": TensorFact("float", found.shape),
    }
    assert operations(graph.nodes[0], facts) == probe.operations
