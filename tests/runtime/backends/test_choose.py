import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.backends import choose
from leukoscope.runtime.backends.choose import Native, open_native
from leukoscope.runtime.engine import open_engines, remarks
from leukoscope.runtime.settings import BACKENDS, Settings


def not_installed(name):
    raise MachineError(f"{name} is not installed", next_step=f"pip install {name}")


def never(*_):
    raise AssertionError("nobody should ask")


def test_without_a_driver_nothing_heavy_is_loaded(toy_bundle, monkeypatch):
    monkeypatch.setattr(choose, "_has_driver", lambda: False)
    monkeypatch.setattr(choose, "load_tensorrt", never)
    assert open_native(toy_bundle, "xincept_all", Settings()) == Native(None)


@pytest.mark.parametrize("backend", [b for b in BACKENDS if b.startswith("onnxruntime")])
def test_onnx_runtime_by_name_is_onnx_runtime(toy_bundle, monkeypatch, backend):
    monkeypatch.setattr(choose, "load_tensorrt", never)
    monkeypatch.setattr(choose, "_has_driver", never)
    assert open_native(toy_bundle, "xincept_all", Settings(backend=backend)) == Native(None)


@pytest.mark.parametrize("backend", choose.NATIVE)
def test_a_backend_by_name_that_is_missing_is_an_error_with_the_command(
    toy_bundle, monkeypatch, backend
):
    monkeypatch.setattr(choose, "load_tensorrt", not_installed)
    with pytest.raises(MachineError, match=f"pip install {backend}") as told:
        open_engines(toy_bundle, Settings(backend=backend))
    assert told.value.exit_code == 4


def test_what_is_not_installed_is_no_news(toy_bundle, monkeypatch):
    monkeypatch.setattr(choose, "_has_driver", lambda: True)
    monkeypatch.setattr(choose, "load_tensorrt", not_installed)
    assert open_native(toy_bundle, "xincept_all", Settings()) == Native(None)


def test_what_is_installed_and_has_no_device_is_said_in_a_line(toy_bundle, monkeypatch):
    def no_device():
        raise MachineError("no CUDA-capable device")

    monkeypatch.setattr(choose, "_has_driver", lambda: True)
    monkeypatch.setattr(choose, "load_tensorrt", lambda name: name)
    monkeypatch.setattr(choose, "device_in_use", no_device)
    settings = Settings(threads=1)
    engines = open_engines(toy_bundle, settings, ["sg_cldff"])
    assert engines["sg_cldff"].backend.name == "onnxruntime-cpu"
    lines = remarks(toy_bundle, engines, settings)
    assert lines == ["sg_cldff: no CUDA-capable device; onnxruntime-cpu takes over"]
