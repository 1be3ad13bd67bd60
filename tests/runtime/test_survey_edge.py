import sys
from importlib import metadata

import pytest

from leukoscope.bundle import tree_kernel
from leukoscope.runtime import finding, survey_edge


@pytest.fixture
def packages(monkeypatch):
    """What pip says is installed."""
    made = {}

    def version(name):
        if name not in made:
            raise metadata.PackageNotFoundError(name)
        return made[name]

    monkeypatch.setattr(finding.metadata, "version", version)
    return made


def edge():
    return {one.what: one for one in survey_edge.look_at_edge()}


def test_two_onnx_runtimes_are_both_named_with_the_command(packages):
    packages.update({"onnxruntime": "1.20.0", "onnxruntime-gpu": "1.22.0"})
    found = edge()["one ONNX Runtime"]
    assert not found.present
    assert found.detail == "onnxruntime 1.20.0 and onnxruntime-gpu 1.22.0 overwrite each other"
    assert (
        found.remedy
        == "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"
    )


def test_one_is_no_finding(packages):
    packages.update({"onnxruntime": "1.20.0"})
    found = edge()
    assert "one ONNX Runtime" not in found and "one OpenCV" not in found
    assert found["ONNX Runtime"].detail.startswith("onnxruntime 1.20.0; providers: ")


def test_the_opencv_in_use_its_file_and_its_gstreamer():
    from leukoscope.images.opencv import cv2

    found = edge()
    assert cv2.__version__ in found["OpenCV"].detail and cv2.__file__ in found["OpenCV"].detail
    there = "GStreamer: YES" in " ".join(cv2.getBuildInformation().split())
    assert found["OpenCV's GStreamer"].present is there
    assert there or "python3-opencv" in found["OpenCV's GStreamer"].remedy


def test_the_systems_opencv_needs_no_uninstalling(packages):
    assert "the system's" in edge()["OpenCV"].detail
    assert "uninstall" not in edge()["OpenCV's GStreamer"].remedy


def test_no_onnx_runtime(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = edge()["ONNX Runtime"]
    assert not found.present and found.needed and found.remedy == "pip install onnxruntime"


def test_a_missing_tree_kernel_is_named_with_its_remedy_and_stops_nothing(monkeypatch):
    assert survey_edge.tree_kernel().present is (tree_kernel.kernel_library() is not None)
    monkeypatch.setattr(tree_kernel, "kernel_library", lambda: None)
    found = survey_edge.tree_kernel()
    assert not found.present and not found.needed
    assert "NumPy" in found.detail and "pip install" in found.remedy
