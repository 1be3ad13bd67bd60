import numpy as np
import pytest
from clocks import TurnedClock

from leukoscope.runtime.profiler.camera import PacedCapture, open_camera

PICTURES = [np.full((48, 64, 3), value, np.uint8) for value in (10, 20, 30)]


def paced(rate_hz):
    clock = TurnedClock([0])
    return clock, PacedCapture(PICTURES, rate_hz, clock.tick, clock.sleep)


def test_pictures_come_at_the_rate_and_go_round():
    clock, capture = paced(10.0)
    moments, values = [], []
    for _ in range(5):
        assert capture.grab()
        moments.append((clock.now_ns - 5) / 1e9)
        values.append(int(capture.retrieve()[0, 0, 0]))
    assert moments == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert values == [10, 20, 30, 10, 20]


def test_a_reader_that_was_late_gets_the_due_ones_at_once_and_the_pace_is_kept():
    clock, capture = paced(10.0)
    capture.grab()
    clock.sleep(0.25)
    for _ in range(2):
        capture.grab()
    assert clock.now_ns == pytest.approx(5 + 0.25e9)
    capture.grab()
    assert clock.now_ns == pytest.approx(5 + 0.3e9)


def test_the_live_source_gives_them_and_counts_the_rest():
    camera = open_camera(PICTURES, 200.0)
    got = []
    for frame in camera.frames(lambda fault: pytest.fail(str(fault))):
        got.append(int(frame.pixels[0, 0, 0]))
        if len(got) == 6:
            camera.stop()
    seen, given, dropped = camera.books()
    assert set(got) <= {10, 20, 30} and len(got) == given == 6 and seen == given + dropped
    assert camera.live and camera.rate_hz == 200.0
