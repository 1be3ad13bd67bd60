"""Programs that run the TensorRT backend over the emulated driver, with a stand-in for TensorRT, each in a process."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE / "stand_in_engine", HERE / "cuda", HERE / "kernels", HERE.parent)
MODULES = {"pycuda": "pycuda", "cuda-python": "cuda.bindings"}


def refuse(request, need, reason, command):
    plugins = request.config.pluginmanager.get_plugins()
    rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
    rule.skip_or_fail(need, reason, command)


def installed(module):
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


@pytest.fixture(scope="session")
def driver_folder(request, tmp_path_factory):
    """The folder of the emulated `libcuda.so.1`."""
    if not (shutil.which("cc") and shutil.which("nm")):
        refuse(request, "cuda-python", "no C compiler", "apt-get install gcc")
    sys.path.insert(0, str(HERE / "cuda"))
    import emulator

    spec = find_spec("pycuda")
    extension = next(Path(spec.origin).parent.glob("_driver*.so")) if spec else None
    return emulator.build(tmp_path_factory.mktemp("driver"), extension)


@pytest.fixture(params=list(MODULES))
def with_binding(request):
    """Both bindings of the driver, one after the other."""
    if not installed(MODULES[request.param]):
        refuse(request, request.param, "it is not installed", "make .venv/heavy")
    return request.param


@pytest.fixture
def run_over_driver(request, driver_folder, tmp_path):
    """Runs a function of stand_in_engine/programs.py, or `bundles.NAME`, in a child process; returns it."""
    if not any(map(installed, MODULES.values())):
        refuse(request, "cuda-python", "no binding of the driver is installed", "make .venv/heavy")

    def run(name, *arguments, binding="auto", **settings):
        file = "bundle_programs.py" if name.startswith("bundles.") else "programs.py"
        child = subprocess.run(
            [
                sys.executable,
                FOLDERS[0] / file,
                name.removeprefix("bundles."),
                binding,
                *map(str, arguments),
            ],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
                "LD_LIBRARY_PATH": str(driver_folder),
                "EMULATED_CUDA": " ".join(f"{k}={v}" for k, v in settings.items()),
                "PYTHONPATH": os.pathsep.join(filter(None, (*map(str, FOLDERS), *sys.path))),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "OMP_NUM_THREADS": "1",
                "PYTHONWARNINGS": "ignore",
            },
            capture_output=True,
            text=True,
            timeout=600,
            cwd=tmp_path,
        )
        assert child.returncode == 0, f"{child.stdout}\n{child.stderr}"
        return child

    return run
