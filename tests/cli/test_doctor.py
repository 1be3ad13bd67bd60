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
    done = doctor()
    if "leukoscope[openvino]" in doctor("--json").stdout:
        assert "pip install 'leukoscope[openvino]'" in done.stdout
    assert "onnxruntime-ep-openvino" in done.stdout


def test_the_opencv_in_use_is_named_in_full():
    from leukoscope.images.opencv import cv2

    words = "".join(char for char in doctor().stdout if char not in " │\n")
    assert cv2.__file__.replace(" ", "") in words


def test_each_backend_has_a_row():
    from leukoscope.runtime.settings import BACKENDS

    found = {f["what"]: f for f in json.loads(doctor("--json").stdout)["findings"]}
    assert {f"--backend {name}" for name in BACKENDS} <= found.keys()
    assert found["--backend onnxruntime-cpu"]["present"]
    assert (
        "onnxruntime-cpu" in found["--backend auto"]["detail"]
        or found["--backend onnxruntime-cuda"]["present"]
    )
