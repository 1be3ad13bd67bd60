"""The guard around cv2, each case in a process of its own with a stub or a gap in front of the real module."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from leukoscope.images import opencv
from leukoscope.images.opencv import cv2

USE = """
from leukoscope.images.decode import read_image
from leukoscope.errors import MachineError
from pathlib import Path
import sys
try:
    read_image(Path(sys.argv[1]))
except MachineError as error:
    print(error)
    raise SystemExit(error.exit_code)
"""


def run(folder: Path, code: str = USE) -> subprocess.CompletedProcess:
    """Runs `code` with `folder` first on the path and an image file as its argument."""
    image = folder / "a.png"
    image.write_bytes(cv2.imencode(".png", np.zeros((40, 40, 3), np.uint8))[1].tobytes())
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}"]
    return subprocess.run(
        [*command, str(image)], capture_output=True, text=True, timeout=60, check=False
    )


def stub(folder: Path, body: str) -> Path:
    (folder / "cv2.py").write_text(body)
    return folder


def test_an_opencv_of_another_numpy_is_kept_and_numpy_changed(tmp_path):
    done = run(stub(tmp_path, "raise ImportError('numpy.core.multiarray failed to import')"))
    assert done.returncode == 4 and "pip install 'numpy<2'" in done.stdout
    assert "force-reinstall" not in done.stdout


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libSM.so.6", "libsm6"),
        ("libXrender.so.1", "libxrender1"),
    ],
)
def test_a_missing_system_library_is_exit_4_with_its_command(tmp_path, library, package):
    text = f"{library}: cannot open shared object file: No such file or directory"
    done = run(stub(tmp_path, f"raise ImportError({text!r})"))
    assert done.returncode == 4, done.stderr
    assert library in done.stdout
    assert f"sudo apt-get install -y {package}" in done.stdout
    assert "pip install --force-reinstall opencv-python-headless" in done.stdout
    assert done.stderr == ""


def test_an_unknown_library_names_the_headless_build(tmp_path):
    done = run(stub(tmp_path, "raise ImportError('libstrange.so.3: cannot open shared object')"))
    assert done.returncode == 4
    assert "libstrange.so.3" in done.stdout and "opencv-python-headless" in done.stdout
    assert "apt-get" not in done.stdout


def test_no_opencv_at_all_is_exit_4_with_its_command(tmp_path):
    gap = "import sys\nsys.modules['cv2'] = None\n"
    done = run(tmp_path, gap + USE)
    assert done.returncode == 4, done.stderr
    assert "not installed" in done.stdout
    assert "pip install opencv-python-headless" in done.stdout


def test_a_broken_numpy_beneath_it_is_told_too(tmp_path):
    done = run(stub(tmp_path, "import nonesuch"))
    assert done.returncode == 4
    assert "nonesuch" in done.stdout and "not installed" not in done.stdout


def test_nothing_is_loaded_before_it_is_used(tmp_path):
    code = """
import sys
from leukoscope.images import contract, decode, layouts, opencv
assert "cv2" not in sys.modules
opencv.cv2.INTER_AREA
assert "cv2" in sys.modules
"""
    done = run(tmp_path, code)
    assert done.returncode == 0, done.stderr


def test_the_stand_in_is_the_module():
    import cv2 as real

    assert cv2.resize is real.resize and cv2.INTER_AREA == real.INTER_AREA
    assert opencv.load() is real
    assert "resize" in vars(cv2), "an attribute that was found is kept"
    with pytest.raises(AttributeError, match="no_such_function"):
        cv2.no_such_function  # noqa: B018


def test_opencv_is_kept_quiet(tmp_path):
    code = """
import sys
from leukoscope.images.opencv import cv2
assert cv2.imread("/no/such/file.png") is None
"""
    assert run(tmp_path, code).stderr == ""


@pytest.mark.parametrize("place", ["module.utils.logging", "module"])
def test_both_places_of_the_log_level_are_known(tmp_path, place):
    """`cv2.utils.logging` came with OpenCV 4.9; before, the function lay at the top."""
    nested = "logging = " if place == "module.utils.logging" else "other = "
    body = f"""
from types import SimpleNamespace as Names
def setLogLevel(level):
    print("level", level)
quiet = Names(setLogLevel=setLogLevel)
utils = Names({nested}quiet)
{"del setLogLevel" if nested == "logging = " else ""}
answer = 42
"""
    done = run(stub(tmp_path, body), "from leukoscope.images.opencv import cv2; print(cv2.answer)")
    assert done.stdout.split() == ["level", "0", "42"], done.stderr
