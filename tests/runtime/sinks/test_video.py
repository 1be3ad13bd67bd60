import cv2
import numpy as np
import pytest
from stand_ins import blob_field, result_of

from leukoscope.runtime.sinks.picture import draw_picture
from leukoscope.runtime.sinks.video import STILLS_HZ, Video, fit


def read(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (got := video.read())[0]:
        frames.append(got[1][:, :, ::-1])
    return frames, video.get(cv2.CAP_PROP_FPS)


def test_fields_of_any_size_become_frames_of_the_first_ones_size(tmp_path, result):
    path = tmp_path / "new" / "v.mp4"
    with Video(path) as sink:
        sink.write(result)
        sink.write(result_of(blob_field(((60, 60, 30, 16),), (1000, 120), 1)))
        sink.write(result)
    frames, rate_hz = read(path)
    picture = draw_picture(result)
    assert len(frames) == 3 and rate_hz == pytest.approx(STILLS_HZ)
    assert all(frame.shape == picture.shape for frame in frames)
    assert np.abs(frames[0].astype(int) - picture).mean() < 8


def test_a_recording_keeps_its_rate(tmp_path, result):
    with Video(tmp_path / "v.mp4", 12.5) as sink:
        sink.write(result)
    assert read(tmp_path / "v.mp4")[1] == pytest.approx(12.5, rel=0.01)


def test_a_run_without_fields_leaves_no_file(tmp_path):
    with Video(tmp_path / "v.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_fitting_shrinks_and_centres_and_never_stretches():
    wide = np.zeros((100, 400, 3), np.uint8)
    got = fit(wide, (200, 200))
    black = (got == 0).all(-1)
    assert black.sum() == 200 * 50 and black[75:125].all()
    assert np.array_equal(fit(wide, (400, 100)), wide)
