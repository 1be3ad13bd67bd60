"""`leukoscope build`: what it refuses on any machine; tests/runtime/engines/test_ahead_of_time.py has what it builds."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest


def build(bundle, *words, cache):
    command = [sys.executable, "-m", "leukoscope", "build", str(bundle), *map(str, words)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is installed")
def test_without_tensorrt_one_line_says_how_to_get_it(ready_bundle, tmp_path):
    done = build(ready_bundle, cache=tmp_path)
    assert done.returncode == 4 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install python3-libnvinfer" in done.stderr
    assert "--system-site-packages" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--backend", "tensorflow"), "one of tensorrt, tensorrt-rtx"),
        (("--batch", "8,1"), "rising numbers"),
        (("--batch", "many"), "numbers such as 1,8"),
        (("--compute-capability", "8.9"), "--backend tensorrt-rtx"),
        (("--backend", "tensorrt-rtx", "--compute-capability", "ada"), "one such as 8.9"),
    ],
)
def test_options_that_cannot_be(ready_bundle, tmp_path, words, said):
    done = build(ready_bundle, *words, cache=tmp_path)
    assert done.returncode == 2 and said in done.stderr
    assert "Traceback" not in done.stderr
