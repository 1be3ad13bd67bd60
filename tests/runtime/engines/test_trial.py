"""The whole of `leukoscope build` on an emulated device: what it builds is run on the golden frames at once."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

HERE = Path(__file__).parent
BACKENDS = HERE.parent / "backends"
sys.path.append(str(BACKENDS / "cuda"))


@pytest.fixture(scope="module")
def driver(pytestconfig, tmp_path_factory):
    """The folder of the emulated `libcuda.so.1`."""
    spec = find_spec("pycuda")
    if spec is None or not shutil.which("cc"):
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("cuda", "pycuda or a C compiler is missing", "make .venv/heavy")
    import emulator

    extension = next(Path(spec.origin).parent.glob("_driver*.so"))
    return emulator.build(tmp_path_factory.mktemp("driver"), extension)


@pytest.fixture
def build(driver, ready_bundle, tmp_path):
    def run(*words, **settings):
        command = [sys.executable, HERE / "build_on_device.py", json.dumps(settings), "build"]
        folders = (HERE, BACKENDS / "stand_in_engine", *sys.path)
        environment = {
            **os.environ,
            "LD_LIBRARY_PATH": str(driver),
            "PYTHONPATH": os.pathsep.join(map(str, filter(None, folders))),
            "XDG_CACHE_HOME": str(tmp_path),
        }
        whole = [*command, str(ready_bundle), "--network", "xincept_all", "--batch", "1,4", *words]
        return subprocess.run(
            list(map(str, whole)), env=environment, capture_output=True, text=True
        )

    return run


def test_what_is_built_is_proved_at_once(build):
    done = build()
    assert done.returncode == 0, done.stderr
    assert "proved: it gives the golden outputs" in done.stdout
    again = json.loads(build("--json").stdout)["networks"]["xincept_all"]
    assert again["reused"] and again["proved"] and not again["ahead_of_time"]


def test_an_engine_that_is_wrong_ends_with_3_and_names_the_output(build):
    done = build(wrong="cams")
    assert done.returncode == 3
    assert "golden outputs of xincept_all: cams: differs by" in done.stderr
    assert "not used: it gave wrong golden outputs" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_engine_that_does_not_load(build):
    done = build(refuses="deserialize")
    assert done.returncode == 4 and "another version" in done.stderr
