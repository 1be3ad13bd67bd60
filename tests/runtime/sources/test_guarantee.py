"""Of every kind of live source: frames seen by the reader = frames given + the sum of the drops."""

import threading

import numpy as np
import pytest
from scripted_camera import picture, wait_until

from leukoscope.images.opencv import cv2
from leukoscope.runtime.sources import gstreamer, rtsp
from leukoscope.runtime.sources.uri import open_source

FRAMES = 400
URIS = {
    "v4l2": ("v4l2:///dev/video0?fps=30", False),
    "csi": ("csi://0", True),
    "rtsp by gstreamer": ("rtsp://u:p@cam/x", True),
    "rtsp by ffmpeg": ("rtsp://u:p@cam/x", False),
}


class NoisyCamera:
    """Opens as whatever OpenCV is asked for; each connection gives so many frames, some of them damaged, and ends."""

    pictures = tuple(picture(k) for k in range(3))

    def __init__(self):
        self.count = self.grabbed = self.opened = 0

    def __call__(self, *how):
        self.count, self.opened = 0, self.opened + 1
        return self

    def isOpened(self):  # noqa: N802
        return True

    def set(self, key, value):
        return True

    def grab(self):
        self.count += 1
        if self.count > FRAMES:
            return False
        self.grabbed += 1
        return True

    def retrieve(self, image=None):
        if self.count % 7 == 3:
            return False, None
        return True, self.pictures[self.count % 3].copy()

    def release(self):
        pass


@pytest.mark.parametrize(("uri", "with_gstreamer"), URIS.values(), ids=URIS)
def test_nothing_is_lost_from_the_books(uri, with_gstreamer, monkeypatch):
    camera = NoisyCamera()
    monkeypatch.setitem(cv2.__dict__, "VideoCapture", camera)
    for module in (gstreamer, rtsp):
        monkeypatch.setattr(module, "has_gstreamer", lambda: with_gstreamer)
    source = open_source(uri)
    taken, faults = [], []
    taker = threading.Thread(target=lambda: taken.extend(source.frames(faults.append)), daemon=True)
    taker.start()
    wait_until(lambda: camera.opened == 2)
    source.stop()
    taker.join(20)
    assert not taker.is_alive() and faults == []
    seen, given, dropped = source.books()
    drops = source.drops()
    assert given == len(taken) > 0 and FRAMES <= seen <= camera.grabbed
    assert seen == given + dropped == given + sum(drops.values())
    assert drops["garbage"] >= FRAMES // 7 and set(drops) <= {"garbage", "late", "stopped"}
    for frame in taken:
        assert any(np.array_equal(frame.pixels[:, :, ::-1], one) for one in camera.pictures)
