import cv2
import numpy as np
import pytest
from scripted_camera import picture

from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.capture import OpenCvCapture, fault_of


class FakeVideo:
    """Writes into the image that it is given where that fits, as OpenCV does."""

    def __init__(self, pictures):
        self.pictures, self.in_place = iter(pictures), 0

    def grab(self):
        self.now = next(self.pictures, None)
        return self.now is not None

    def retrieve(self, image=None):
        if isinstance(self.now, Exception):
            raise self.now
        if isinstance(self.now, str):
            return False, None
        if image is not None and image.shape == self.now.shape and image.dtype == self.now.dtype:
            self.in_place += 1
            image[:] = self.now
            return True, image
        return True, self.now.copy()

    def release(self):
        self.released = True


def test_every_picture_that_is_held_stays_as_it_was():
    video = FakeVideo([picture(k) for k in range(30)])
    capture = OpenCvCapture(video, BufferRing(4))
    held = []
    while capture.grab():
        held.append(capture.retrieve())
    assert len(held) == 30 and video.in_place == 29
    for k, rgb in enumerate(held):
        assert np.array_equal(rgb, picture(k)[:, :, ::-1])


def test_pictures_that_are_let_go_cost_no_memory():
    ring = BufferRing(4)
    capture = OpenCvCapture(FakeVideo([picture(k) for k in range(50)]), ring)
    before = None
    while capture.grab():
        now = capture.retrieve()
        assert before is None or not np.shares_memory(before, now)
        before = now
    assert ring.allocated == 2


def test_sizes_may_change():
    sizes = [(64, 48), (80, 40), (64, 48)]
    capture = OpenCvCapture(FakeVideo([picture(1, size) for size in sizes]))
    for width, height in sizes:
        assert capture.grab() and capture.retrieve().shape == (height, width, 3)


@pytest.mark.parametrize("fault", ["undecodable", cv2.error("damaged"), np.zeros((48, 64), "u1")])
def test_garbage_between_good_pictures(fault):
    capture = OpenCvCapture(FakeVideo([picture(1), fault, picture(2)]))
    assert capture.grab() and capture.grab()
    assert fault_of(capture.retrieve()) is not None
    assert capture.grab() and np.array_equal(capture.retrieve(), picture(2)[:, :, ::-1])


def test_a_real_video_is_read_in_place(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(12):
        writer.write(picture(3))
    writer.release()
    ring = BufferRing()
    capture = OpenCvCapture(cv2.VideoCapture(str(tmp_path / "v.avi")), ring)
    scratch = set()
    while capture.grab():
        assert capture.retrieve().shape == (48, 64, 3)
        scratch.add(id(capture._bgr))
    assert ring.allocated == 1 and len(scratch) == 1
    capture.release()
