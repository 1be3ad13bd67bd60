import cv2
import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.sources.video import VideoSource


def write_video(path, count=6, size_px=(64, 48), rate_hz=10.0):
    """Frames of one grey level each, 20 apart."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate_hz, size_px)
    for k in range(count):
        frame = np.full((size_px[1], size_px[0], 3), 20 * k % 240, np.uint8)
        frame[:, :, 2] = 200
        writer.write(frame)
    writer.release()
    return path


def test_every_frame_comes_once_in_order_as_rgb(tmp_path):
    source = open_source(str(write_video(tmp_path / "film strip.avi")))
    assert isinstance(source, VideoSource)
    assert source.total == 6 and source.rate_hz == pytest.approx(10)
    frames = list(source.frames(pytest.fail))
    assert [f.index for f in frames] == list(range(6))
    assert frames[3].name == "film_strip_000003"
    assert [f.media_time_ns for f in frames] == [k * 100_000_000 for k in range(6)]
    for k, frame in enumerate(frames):
        assert abs(int(frame.pixels[20, 20, 2]) - 20 * k) < 6, "blue is last"
        assert abs(int(frame.pixels[20, 20, 0]) - 200) < 12, "red is first"


def test_it_can_be_read_twice(tmp_path):
    source = VideoSource(write_video(tmp_path / "v.avi"))
    assert len(list(source.frames(pytest.fail))) == len(list(source.frames(pytest.fail))) == 6


def test_a_video_that_is_cut_short_is_a_fault_after_its_last_frame(tmp_path):
    path = write_video(tmp_path / "v.avi", count=40)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    faults = []
    try:
        frames = list(VideoSource(path).frames(faults.append))
    except InputError as refused:
        faults.append(refused)
        frames = []
    assert len(frames) < 40 and len(faults) == 1 and "v.avi" in str(faults[0])


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x18ftypmp42" + bytes(200)])
def test_a_file_that_is_no_video_is_refused(tmp_path, data):
    path = tmp_path / "v.mp4"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"v\.mp4 cannot be opened"):
        VideoSource(path)


def test_a_tiny_video_is_refused_by_its_size(tmp_path):
    with pytest.raises(InputError, match="16 x 16 px"):
        VideoSource(write_video(tmp_path / "v.avi", size_px=(16, 16)))
