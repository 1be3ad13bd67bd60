import pytest
from fake_driver import FakeDriver

from leukoscope.errors import MachineError
from leukoscope.runtime.backends.cuda import opening
from leukoscope.runtime.backends.cuda.failures import DeviceError, driver_failure


def absent(reason):
    def load():
        raise ImportError(reason)

    return load


@pytest.fixture
def loaders(monkeypatch):
    """Both bindings load, as far as anybody can tell."""
    made = {name: FakeDriver() for name in ("pycuda", "cuda-python")}
    loaders = {name: lambda driver=driver: driver for name, driver in made.items()}
    monkeypatch.setattr(opening, "_LOADERS", loaders)
    return made


def test_pycuda_comes_first(loaders):
    assert opening.load_driver() is loaders["pycuda"]


def test_cuda_python_where_pycuda_does_not_load(loaders):
    opening._LOADERS["pycuda"] = absent("No module named 'pycuda'")
    assert opening.load_driver() is loaders["cuda-python"]
    with opening.open_device() as device:
        assert device.driver is loaders["cuda-python"]


def test_one_can_be_insisted_on(loaders):
    assert opening.load_driver("cuda-python") is loaders["cuda-python"]
    opening._LOADERS["pycuda"] = absent("No module named 'pycuda'")
    with pytest.raises(MachineError, match=r"\(pycuda: No module named 'pycuda'\)"):
        opening.load_driver("pycuda")


def test_neither_says_why_for_both_and_what_to_install(loaders):
    opening._LOADERS["pycuda"] = absent("libcuda.so.1: cannot open\n  shared object file")
    opening._LOADERS["cuda-python"] = absent("No module named 'cuda'")
    with pytest.raises(MachineError) as error:
        opening.open_device()
    assert error.value.exit_code == 4
    text = str(error.value)
    assert "pycuda: libcuda.so.1: cannot open shared object file; cuda-python: No module" in text
    assert "pip install pycuda" in text
    assert "pip install 'leukoscope[cuda-python]'" in text


def test_a_driver_without_a_device_is_not_asked_twice(loaders):
    def without_device():
        raise driver_failure("cuInit", "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected")

    opening._LOADERS["pycuda"] = without_device
    with pytest.raises(DeviceError, match="nvidia-smi"):
        opening.open_device()


def test_the_real_loaders_are_named_as_the_drivers_are():
    from leukoscope.runtime.backends.cuda.cuda_python_driver import CudaPythonDriver
    from leukoscope.runtime.backends.cuda.pycuda_driver import PycudaDriver

    assert list(opening._LOADERS) == [PycudaDriver.binding, CudaPythonDriver.binding]
