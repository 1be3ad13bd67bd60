"""OpenVINO by its own package gives what ONNX Runtime gives, and fails in our words."""

import sys
from importlib.util import find_spec
from threading import Thread

import numpy as np
import onnx
import pytest
from toy_bundle import toy_graph

from leukoscope.bundle.read import open_bundle
from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime
from leukoscope.runtime.backends.openvino import open_openvino
from leukoscope.runtime.backends.processor import faults_of
from leukoscope.runtime.engine import open_engines
from leukoscope.runtime.engines.golden import golden_set
from leukoscope.runtime.settings import Settings


@pytest.fixture
def openvino(request):
    if find_spec("openvino") is None:
        plugins = request.config.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("openvino", "it is not installed", "pip install openvino")


@pytest.fixture
def toys(openvino):
    graph = toy_graph("xincept_all")
    reference = open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cpu", threads=1)
    return open_openvino(graph, "toy.onnx", "fp32", threads=1), reference


def frames(count, side=96):
    return np.random.default_rng(count).integers(0, 256, (count, side, side, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_frames_gives_what_onnx_runtime_gives(toys, count):
    found, wanted = (backend.infer(frames(count)) for backend in toys)
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], array, rtol=1e-4, atol=1e-5)


def test_frames_need_not_be_contiguous(toys):
    turned = frames(2)[:, ::-1]
    assert not turned.flags.c_contiguous
    found, wanted = (backend.infer(turned) for backend in toys)
    np.testing.assert_allclose(found["cams"], wanted["cams"], rtol=1e-4, atol=1e-5)


def test_outputs_stay_when_the_next_frames_come(toys):
    first = toys[0].infer(frames(1))["cams"]
    kept = first.copy()
    toys[0].infer(255 - frames(1))
    np.testing.assert_array_equal(first, kept)


def test_several_threads_may_call_it(toys):
    wanted = {k: toys[1].infer(frames(k))["probabilities"] for k in range(1, 5)}
    found = {}

    def call(count):
        found[count] = [toys[0].infer(frames(count))["probabilities"] for _ in range(10)]

    threads = [Thread(target=call, args=(count,)) for count in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for count, rows in found.items():
        for row in rows:
            np.testing.assert_allclose(row, wanted[count], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_the_shipped_networks_give_their_golden_outputs(openvino, ready_bundle, network):
    bundle = open_bundle(ready_bundle)
    engine = open_engines(bundle, Settings(backend="openvino", threads=2), [network])[network]
    assert (engine.backend.name, engine.notes) == ("openvino", ())
    golden = golden_set(bundle, network, "fp32")
    assert faults_of(engine.backend, golden) == ()
    found = engine.infer(golden.frames)
    for name, wanted in golden.outputs.items():
        error = np.abs(found[name] - wanted).max() / np.abs(wanted).max()
        assert error < 1e-4, name


def test_other_frames_are_an_error_in_one_line(toys):
    with pytest.raises(InputError, match=r"toy\.onnx fails on frames \[1, 5, 96, 3\]") as told:
        toys[0].infer(np.zeros((1, 5, 96, 3), np.uint8))
    assert "\n" not in str(told.value)


def test_what_is_no_model_is_an_error_in_one_line(openvino):
    model = onnx.load_from_string(toy_graph("xincept_all"))
    model.graph.node[-1].op_type = "Nonsense"
    with pytest.raises(InputError, match=r"OpenVINO does not take toy\.onnx") as told:
        open_openvino(model.SerializeToString(), "toy.onnx", "fp32")
    assert "\n" not in str(told.value)


def test_without_the_package_it_is_an_error_with_the_command(monkeypatch, toy_bundle):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MachineError, match=r"pip install 'leukoscope\[openvino\]'"):
        open_engines(toy_bundle, Settings(backend="openvino"))
