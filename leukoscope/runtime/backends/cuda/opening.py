"""Which binding drives the device: pycuda where it loads, else cuda-python."""

from collections.abc import Callable

from leukoscope.errors import MachineError
from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.driver import Driver

PYCUDA, CUDA_PYTHON = "pycuda", "cuda-python"
INSTALL = (
    "with NVIDIA's driver and CUDA toolkit in place run: pip install pycuda, "
    "or without the toolkit: pip install 'leukoscope[cuda-python]'"
)


def open_device(ordinal: int = 0, binding: str = "auto") -> Device:
    """Opens CUDA device `ordinal` in the calling thread, which alone may use it.

    `binding`: `pycuda`, `cuda-python`, or `auto` (pycuda where it loads, else cuda-python). Raises
    MachineError, with the command that helps, where neither loads or there is no such device.
    """
    return Device(load_driver(binding), ordinal)


def load_driver(binding: str = "auto") -> Driver:
    """The first binding that loads, of the one named or, for `auto`, of both. Raises MachineError."""
    reasons = []
    for name, load in _LOADERS.items():
        if binding in ("auto", name):
            try:
                return load()
            except ImportError as error:
                reasons.append(f"{name}: {' '.join(str(error).split())[:160]}")
    raise MachineError(
        f"no Python binding of the CUDA driver loads ({'; '.join(reasons)})", next_step=INSTALL
    )


def _pycuda() -> Driver:
    from leukoscope.runtime.backends.cuda.pycuda_driver import PycudaDriver

    return PycudaDriver()


def _cuda_python() -> Driver:
    from leukoscope.runtime.backends.cuda.cuda_python_driver import CudaPythonDriver

    return CudaPythonDriver()


_LOADERS: dict[str, Callable[[], Driver]] = {PYCUDA: _pycuda, CUDA_PYTHON: _cuda_python}
