"""A network camera for real: a server that is killed and started again with another picture, by FFmpeg and by GStreamer."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import leukoscope

SERVER = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"
PATIENCE_S = 60
"""After which a watcher is ended: only a test that fails gets there."""
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

def listen(event):
    states.append(event.state.value)
    tell(state=event.state.value, detail=event.detail)

states = []
frames = source.frames(lambda fault: tell(fault=str(fault)), listen)
for frame in frames:
    tell(size=frame.size_px, index=frame.index, source=frame.source)
    if states.count("live") == 2:
        source.stop()
tell(books=source.books(), drops=source.drops())
"""


HAS_GSTREAMER = """
import cv2
print("yes" if "GStreamer: YES" in " ".join(cv2.getBuildInformation().split()) else "no")
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
    def start(width, height, pattern="snow"):
        command = [SYSTEM_PYTHON, str(SERVER), port, str(width), str(height), pattern]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout.readline() == "serving\n"
                yield f"127.0.0.1:{port}/field", server
            finally:
                server.kill()

    return start


@pytest.fixture(params=["ffmpeg", "gstreamer"])
def watch(request, need):
    """Starts a program that watches an address by that backend; gives the process and its lines so far."""
    python = sys.executable if request.param == "ffmpeg" else SYSTEM_PYTHON
    if request.param == "gstreamer":
        need(probe(python, HAS_GSTREAMER), "the system's OpenCV has no GStreamer")
    environment = {**os.environ, "PYTHONPATH": str(Path(leukoscope.__file__).parent.parent)}

    @contextmanager
    def start(address, keys):
        uri = f"rtsp://lab:Xq7Kw@{address}?token=Xq7Kw#backend={request.param}&{keys}"
        with subprocess.Popen(
            [python, "-c", WATCHER, uri],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        ) as watcher:
            late = threading.Timer(PATIENCE_S, watcher.kill)
            late.start()
            try:
                yield Told(watcher)
            finally:
                late.cancel()
                watcher.kill()

    return start


class Told:
    """What the watcher has told."""

    def __init__(self, watcher):
        self.watcher, self.lines = watcher, []

    def until(self, *words):
        """Reads on until a line has all of the words."""
        while not self.lines or not all(word in self.lines[-1] for word in words):
            line = self.watcher.stdout.readline()
            assert line, self.lines
            self.lines.append(line)

    def rest(self):
        """Every line, as JSON, when it has ended; they balance, and hold no password."""
        self.lines += self.watcher.communicate(timeout=120)[0].splitlines()
        assert "Xq7Kw" not in "".join(self.lines)
        told = [json.loads(line) for line in self.lines]
        seen, given, dropped = told[-1]["books"]
        assert given == sum("size" in line for line in told)
        assert seen == given + dropped == given + sum(told[-1]["drops"].values())
        assert not any("fault" in line for line in told)
        return told


def of(key, told):
    return [line[key] for line in told if key in line]


@pytest.mark.heavy
def test_it_comes_back_when_the_server_does_with_another_size(serve, watch):
    with serve(320, 240) as (address, server), watch(address, "stall=3") as watcher:
        watcher.until('"index": 5')
        server.kill()
        watcher.until("lost")
        with serve(160, 120):
            told = watcher.rest()
    states, sizes = of("state", told), of("size", told)
    assert states[:3] == ["connecting", "live", "lost"] and states[-2:] == ["live", "ended"]
    assert sizes[0] == [320, 240] and sizes[-1] == [160, 120]
    assert set(of("source", told)) == {f"rtsp://***@{address}?***"}


@pytest.mark.heavy
def test_a_server_that_hangs_is_lost_and_found(serve, watch):
    with serve(160, 120) as (address, server), watch(address, "stall=2") as watcher:
        watcher.until('"index": 3')
        server.send_signal(signal.SIGSTOP)
        watcher.until("lost")
        server.send_signal(signal.SIGCONT)
        told = watcher.rest()
    states = of("state", told)
    assert states[:3] == ["connecting", "live", "lost"] and states[-2:] == ["live", "ended"]


@pytest.mark.heavy
def test_a_picture_that_stands_still_is_a_frozen_camera(serve, watch):
    with serve(160, 120, "circular") as (address, _), watch(address, "frozen=2") as watcher:
        watcher.until("lost", "frozen")


@pytest.mark.heavy
def test_a_wrong_password_is_told_without_it(serve):
    with serve(320, 240) as (address, _):
        code = WATCHER.replace("max_outage_s=60", "max_outage_s=2")
        done = subprocess.run(
            [sys.executable, "-c", code, f"rtsp://lab:wrong-Xq@{address}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert "FFmpeg cannot open it" in done.stdout and "wrong-Xq" not in done.stdout + done.stderr
    assert done.stderr == ""
