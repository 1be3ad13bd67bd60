import subprocess
import sys

import pytest

from leukoscope import __version__


def leukoscope(*words):
    return subprocess.run(
        [sys.executable, "-m", "leukoscope", *map(str, words)], capture_output=True, text=True
    )


def test_version():
    assert leukoscope("--version").stdout == f"leukoscope {__version__}\n"


def test_every_verb_has_help():
    words = leukoscope("--help").stdout
    for verb in ("doctor", "train", "export", "validate", "run", "inspect", "demo"):
        assert verb in words


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("run", "--no-such-flag"), ("inspect",), ("train", "fusion")],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_on_stderr(words):
    done = leukoscope(*words)
    assert done.returncode == 2
    assert done.stdout == "" and "Traceback" not in done.stderr and done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "no-such-bundle"),
        ("run", "no-such-bundle", "no-such-image.png"),
        ("validate", "no-such-bundle", "--data", "no-such-folder"),
        ("train", "fusion", "--data", "no-such-folder", "-o", "unwritten.safetensors"),
        ("export", "no-such-checkpoint", "-o", "unwritten"),
    ],
    ids=lambda words: words[0] + " " + words[1],
)
def test_wrong_input_is_one_line_and_exit_1(words, tmp_path):
    done = leukoscope(*words)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("leukoscope: ") and "no-such" in line


def test_a_machine_without_cv2_is_exit_4_with_the_command(tmp_path):
    (tmp_path / "cv2.py").write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file')"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['leukoscope', 'doctor']\n"
        "from leukoscope.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 4
    assert "libgl1" in done.stdout + done.stderr or "headless" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        ("PermissionError(13, 'Permission denied', '/there/file')", 1, "/there/file: Permission"),
        ("OSError(28, 'No space left on device')", 4, "No space left on device"),
        ("OSError('odd')", 1, "odd"),
    ],
)
def test_what_the_system_refuses_is_one_line(error, code, words):
    run = (
        "from leukoscope.cli import main\n"
        f"def app():\n    raise {error}\n"
        "main.app = app\nmain.main()"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert line.startswith("leukoscope: ") and words in line
