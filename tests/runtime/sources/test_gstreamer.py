import os
import subprocess
from pathlib import Path

import pytest

import leukoscope
from leukoscope.errors import InputError, MachineError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.gstreamer import SINK, has_gstreamer, need_gstreamer, open_pipeline

SYSTEM_PYTHON = "/usr/bin/python3"
STAND_IN = """
import re
from leukoscope.runtime.sources import csi
from leukoscope.runtime.sources.csi import CsiSource, parse_csi

ours = csi.csi_pipeline

def stand_in(request):
    text = ours(request).replace("(memory:NVMM)", "").replace("nvvidconv flip-method=2", "videoconvert")
    return re.sub(r"nvarguscamerasrc sensor-id=\\d+", "videotestsrc is-live=true pattern=snow", text)

csi.csi_pipeline = stand_in
source = CsiSource(parse_csi("csi://1?width=640&height=480&fps=20&flip=2"))
states = []
for frame in source.frames(print, lambda event: states.append(event.state.value)):
    if frame.index == 10:
        source.stop()
seen, given, dropped = source.books()
print(frame.size_px, states, given, seen == given + dropped)
"""
"""NVIDIA's elements need the board: a test picture and the ordinary converter take their place."""


@pytest.mark.parametrize(
    ("lines", "there"),
    [
        ("    GStreamer:                   YES (1.20.3)\n", True),
        ("    GStreamer:                   NO\n    FFMPEG: YES\n", False),
        ("", False),
    ],
)
def test_what_opencv_says_of_itself(lines, there, monkeypatch):
    monkeypatch.setitem(cv2.__dict__, "getBuildInformation", lambda: lines)
    assert has_gstreamer() == there
    if not there:
        with pytest.raises(MachineError) as caught:
            need_gstreamer("csi://")
        assert caught.value.exit_code == 4 and "pip uninstall" in str(caught.value)


def test_a_pipeline_that_does_not_start_is_not_repeated():
    with pytest.raises(InputError) as caught:
        open_pipeline(f'rtspsrc location="rtsp://u:Xq7Kw@127.0.0.1:1/x" ! {SINK}', BufferRing())
    assert "Xq7Kw" not in str(caught.value) and "GStreamer" in str(caught.value)


@pytest.mark.heavy
def test_a_csi_camera_with_a_test_picture_in_its_place(pytestconfig):
    environment = {**os.environ, "PYTHONPATH": str(Path(leukoscope.__file__).parent.parent)}
    try:
        done = subprocess.run(
            [SYSTEM_PYTHON, "-c", STAND_IN],
            capture_output=True,
            text=True,
            timeout=120,
            env=environment,
        )
    except OSError:
        done = None
    if done is None or "No module named" in done.stderr or "needs an OpenCV with" in done.stderr:
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail(
            "gstreamer", "the system's OpenCV has none", "apt-get install python3-opencv"
        )
    told = "(640, 480) ['connecting', 'live', 'ended'] 11 True"
    assert done.stdout.strip() == told, done.stderr
