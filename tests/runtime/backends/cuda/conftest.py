"""The emulated driver, built once a run, and programs that run on it in processes of their own."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import emulator

HERE = Path(__file__).resolve().parent
INSTALL = "make .venv/heavy (with CUDA's headers at CUDA_ROOT for pycuda)"
MODULES = {"pycuda": "pycuda", "cuda-python": "cuda.bindings"}


def installed(module):
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def refuse(request, need, reason, command):
    plugins = request.config.pluginmanager.get_plugins()
    rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
    rule.skip_or_fail(need, reason, command)


@pytest.fixture(scope="session")
def emulated_cuda(request, tmp_path_factory):
    """The folder of the emulated `libcuda.so.1`."""
    if not (shutil.which("cc") and shutil.which("nm")):
        refuse(request, "cuda-python", "no C compiler", "apt-get install gcc")
    spec = find_spec("pycuda")
    extension = next(Path(spec.origin).parent.glob("_driver*.so")) if spec else None
    return emulator.build(tmp_path_factory.mktemp("cuda"), extension)


@pytest.fixture(params=list(MODULES))
def binding(request):
    """Both bindings, one after the other."""
    if not installed(MODULES[request.param]):
        refuse(request, request.param, "it is not installed", INSTALL)
    return request.param


@pytest.fixture
def run_program(emulated_cuda, tmp_path):
    """Runs a function of programs.py in a child process on the emulated driver; returns its outputs."""

    def run(name, *arguments, library=emulated_cuda, **settings):
        child = subprocess.run(
            [sys.executable, HERE / "programs.py", name, str(tmp_path), *arguments],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
                "LD_LIBRARY_PATH": str(library),
                "EMULATED_CUDA": " ".join(f"{k}={v}" for k, v in settings.items()),
                "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE), *sys.path))),
                "OMP_NUM_THREADS": "1",
                "PYTHONWARNINGS": "ignore",
            },
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert child.returncode == 0, f"{child.stdout}\n{child.stderr}"
        return child

    return run


@pytest.fixture
def driver():
    """A driver that writes down what it is asked."""
    from fake_driver import FakeDriver

    return FakeDriver()


@pytest.fixture
def device(driver):
    """A device on that driver."""
    from leukoscope.runtime.backends.cuda.device import Device

    with Device(driver) as device:
        yield device
