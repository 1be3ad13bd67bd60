"""Providers that are packages of their own, with stand-ins for the packages and for ONNX Runtime's list of devices."""

import sys
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
from toy_bundle import toy_graph

from leukoscope.errors import MachineError
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime
from leukoscope.runtime.backends.plugins import OPENVINO_PLUGIN, PLUGINS, add_plugin

PROVIDER = "OpenVINOExecutionProvider"


class Runtime:
    """ONNX Runtime, as far as plugins go; its devices are there once the library is registered."""

    __version__ = "1.23.0"

    def __init__(self, devices=1, words=""):
        self._devices, self._words, self.registered = devices, words, []

    def get_ep_devices(self):
        own = [SimpleNamespace(ep_name="CPUExecutionProvider", number=9)]
        found = [SimpleNamespace(ep_name=PROVIDER, number=n) for n in range(self._devices)]
        return own + (found if self.registered else [])

    def register_execution_provider_library(self, name, path):
        if self._words:
            raise RuntimeError(self._words)
        self.registered.append((name, path))


class Options:
    def add_provider_for_devices(self, devices, options):
        self.devices, self.options = devices, options


@pytest.fixture
def package(monkeypatch):
    module = SimpleNamespace(get_ep_name=lambda: PROVIDER, get_library_path=lambda: "/plugin.so")
    monkeypatch.setitem(sys.modules, PLUGINS[OPENVINO_PLUGIN].module, module)


def test_the_library_is_registered_once_and_one_device_is_used(package):
    runtime, options = Runtime(devices=2), Options()
    for _ in range(2):
        add_plugin(runtime, options, OPENVINO_PLUGIN)
    assert runtime.registered == [(OPENVINO_PLUGIN, "/plugin.so")]
    assert [one.number for one in options.devices] == [0] and options.options == {}


@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        (Runtime(devices=0), "finds no device.*Intel"),
        (Runtime(words="the library\nis for another version"), "does not start: the library is"),
        (SimpleNamespace(__version__="1.20.1"), r"takes no plugins \(1\.20\.1\).*--upgrade"),
    ],
)
def test_what_is_missing_is_told_in_one_line(package, runtime, words):
    with pytest.raises(MachineError, match=words) as told:
        add_plugin(runtime, Options(), OPENVINO_PLUGIN)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", PLUGINS)
def test_a_package_that_is_not_there_is_an_error_with_the_command(monkeypatch, name):
    monkeypatch.setitem(sys.modules, PLUGINS[name].module, None)
    with pytest.raises(MachineError, match="pip install"):
        open_onnxruntime(toy_graph("xincept_all"), "toy.onnx", "fp32", backend=name)


def test_onnx_runtime_s_tensorrt_provider_is_an_error_where_it_is_not_built_in():
    if "TensorrtExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("tensorrt: this ONNX Runtime has it; to run it: use the CPU build")
    with pytest.raises(MachineError, match="no TensorRT provider"):
        open_onnxruntime(b"", "toy.onnx", "fp32", backend="onnxruntime-tensorrt")


def test_a_session_runs_on_the_devices_that_a_plugin_gives(package, monkeypatch):
    """ONNX Runtime's own CPU device stands in for the plugin's."""
    own = [d for d in onnxruntime.get_ep_devices() if d.ep_name == "CPUExecutionProvider"]
    monkeypatch.setattr(
        sys.modules[PLUGINS[OPENVINO_PLUGIN].module], "get_ep_name", lambda: own[0].ep_name
    )
    graph, frames = toy_graph("xincept_all"), np.zeros((2, 96, 96, 3), np.uint8)
    found = open_onnxruntime(graph, "toy.onnx", "fp32", backend=OPENVINO_PLUGIN, threads=1)
    wanted = open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cpu", threads=1)
    assert found.name == OPENVINO_PLUGIN
    np.testing.assert_allclose(found.infer(frames)["cams"], wanted.infer(frames)["cams"], atol=1e-6)
