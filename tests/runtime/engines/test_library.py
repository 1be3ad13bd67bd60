import sys
from types import ModuleType

import pytest

from leukoscope.errors import MachineError, UsageError
from leukoscope.runtime.engines.library import load_tensorrt, version_numbers


def pretend(monkeypatch, name, version):
    module = ModuleType(name)
    module.__version__ = version
    monkeypatch.setitem(sys.modules, name, module)
    return module


@pytest.mark.parametrize("version", ["10.3.0", "10.16.1.11", "11.4.0.106"])
def test_loads_what_is_there(monkeypatch, version):
    module = pretend(monkeypatch, "tensorrt", version)
    found = load_tensorrt("tensorrt")
    assert found.module is module
    assert found.title == f"TensorRT {version}"


def test_refuses_what_is_older_than_jetpack_6(monkeypatch):
    pretend(monkeypatch, "tensorrt", "8.6.1")
    with pytest.raises(MachineError, match=r"version 8\.6\.1; wanted 10\.3 or later"):
        load_tensorrt("tensorrt")


def test_what_is_missing_is_named_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(MachineError, match="apt-get install python3-libnvinfer"):
        load_tensorrt("tensorrt")
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", None)
    with pytest.raises(MachineError, match=r"pip install 'leukoscope\[tensorrt-rtx\]'"):
        load_tensorrt("tensorrt-rtx")


def test_a_package_whose_libraries_are_missing_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "tensorrt.py").write_text("raise OSError('libnvinfer.so.10: cannot open')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorrt", raising=False)
    with pytest.raises(MachineError, match=r"does not load: libnvinfer\.so\.10"):
        load_tensorrt("tensorrt")


def test_a_package_that_lacks_another_is_broken_not_missing(monkeypatch, tmp_path):
    (tmp_path / "tensorrt.py").write_text("import tensorrt_bindings_that_are_not_there")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorrt", raising=False)
    with pytest.raises(MachineError, match="does not load: No module named"):
        load_tensorrt("tensorrt")


def test_another_name():
    with pytest.raises(UsageError, match="tensorrt, tensorrt-rtx"):
        load_tensorrt("openvino")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("10.16.1.11", (10, 16, 1, 11)), ("11.0.0rc1", (11, 0)), ("", ()), ("dev", ())],
)
def test_version_numbers(text, numbers):
    assert version_numbers(text) == numbers
