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


def test_a_missing_tree_kernel_is_named_with_its_remedy_and_stops_nothing(monkeypatch):
    from leukoscope.bundle import tree_kernel
    from leukoscope.runtime import survey

    assert survey._tree_kernel().present is (tree_kernel.kernel_library() is not None)
    monkeypatch.setattr(tree_kernel, "kernel_library", lambda: None)
    finding = survey._tree_kernel()
    assert not finding.present and not finding.needed
    assert "NumPy" in finding.detail and "pip install" in finding.remedy
