"""A network camera for real: a server that is killed and started again with another picture, by FFmpeg and by GStreamer."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import leukoscope

SERVER = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"
BRING = (
    "apt-get install python3-gi python3-opencv gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good"
)
WATCHER = """
import json, sys
from leukoscope.runtime.sources.uri import open_source

source = open_source(sys.argv[1], max_outage_s=60)

def tell(**line):
    sys.stdout.write(json.dumps(line) + "\\n")  # in one piece: two threads tell
    sys.stdout.flush()

frames = source.frames(lambda fault: tell(fault=str(fault)), lambda e: tell(state=e.state.value, detail=e.detail))
for frame in frames:
    tell(size=frame.size_px, index=frame.index, source=frame.source)
    if frame.size_px == (160, 120) and frame.index > 5:
        source.stop()
tell(books=source.books(), drops=source.drops())
"""


def probe(python, code):
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except OSError:
        return False
    return done.returncode == 0 and "yes" in done.stdout


@pytest.fixture
def need(request):
    """need(whether it is there, the reason where it is not)."""

    def check(there, reason):
        if not there:
            plugins = request.config.pluginmanager.get_plugins()
            rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
            rule.skip_or_fail("rtsp", reason, BRING)

    return check


@pytest.fixture
def serve(need):
    served = "import gi; gi.require_version('GstRtspServer', '1.0'); print('yes')"
    need(probe(SYSTEM_PYTHON, served), "no RTSP server for the system's Python")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    @contextmanager
    def start(width, height):
        command = [SYSTEM_PYTHON, str(SERVER), port, str(width), str(height)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout.readline() == "serving\n"
                yield f"127.0.0.1:{port}/field"
            finally:
                server.kill()

    return start


@pytest.mark.heavy
@pytest.mark.parametrize("backend", ["ffmpeg", "gstreamer"])
def test_it_comes_back_when_the_server_does(backend, serve, need):
    python = sys.executable if backend == "ffmpeg" else SYSTEM_PYTHON
    has_it = "import cv2; print('GStreamer: YES' in ' '.join(cv2.getBuildInformation().split()) and 'yes')"
    if backend == "gstreamer":
        need(probe(python, has_it), "the system's OpenCV has no GStreamer")
    environment = {**os.environ, "PYTHONPATH": str(Path(leukoscope.__file__).parent.parent)}
    with serve(320, 240) as address:
        uri = f"rtsp://lab:Xq7Kw@{address}?token=Xq7Kw#backend={backend}&stall=3"
        watcher = subprocess.Popen(
            [python, "-c", WATCHER, uri],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        lines = []
        while not any('"index": 5' in line for line in lines):
            lines.append(watcher.stdout.readline())
            assert lines[-1], lines
    with serve(160, 120):
        rest, _ = watcher.communicate(timeout=120)
    everything = "".join(lines) + rest
    assert "Xq7Kw" not in everything
    told = [json.loads(line) for line in everything.splitlines()]
    states = [line["state"] for line in told if "state" in line]
    assert states[:3] == ["connecting", "live", "lost"] and states[-2:] == ["live", "ended"]
    sizes = [tuple(line["size"]) for line in told if "size" in line]
    assert sizes[0] == (320, 240) and sizes[-1] == (160, 120)
    seen, given, dropped = told[-1]["books"]
    assert given == len(sizes) and seen == given + dropped == given + sum(
        told[-1]["drops"].values()
    )
    assert not any("fault" in line for line in told)
    assert {line["source"] for line in told if "source" in line} == {f"rtsp://***@{address}?***"}


@pytest.mark.heavy
def test_a_wrong_password_is_told_without_it(serve):
    with serve(320, 240) as address:
        code = WATCHER.replace("max_outage_s=60", "max_outage_s=2")
        done = subprocess.run(
            [sys.executable, "-c", code, f"rtsp://lab:wrong-Xq@{address}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert "FFmpeg cannot open it" in done.stdout and "wrong-Xq" not in done.stdout + done.stderr
    assert done.stderr == ""
