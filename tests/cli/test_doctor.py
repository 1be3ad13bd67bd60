import json
import subprocess
import sys


def doctor(*words):
    return subprocess.run(
        [sys.executable, "-m", "leukoscope", "doctor", *words], capture_output=True, text=True
    )


def test_each_finding_that_is_missing_has_its_command():
    done = doctor("--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 0
    assert {f["what"] for f in findings} >= {"OpenCV", "ONNX Runtime", "tensorrt", "pycuda"}
    assert all(f["remedy"] for f in findings if not f["present"])
    assert not any(f["remedy"] for f in findings if f["present"])


def test_extras_in_brackets_survive_the_terminal():
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("cuda-python")
    except PackageNotFoundError:
        assert "pip install 'leukoscope[cuda-python]'" in doctor().stdout
    else:
        assert "cuda-python" in doctor().stdout
