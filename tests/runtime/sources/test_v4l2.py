import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources import v4l2
from leukoscope.runtime.sources.source import SourceState
from leukoscope.runtime.sources.v4l2 import V4l2Source, open_v4l2, parse_v4l2


def test_a_request():
    request = parse_v4l2(
        "v4l2:///dev/v4l/by-id/usb-Cam_1.0-index0?width=1920&height=1080&fps=30&fourcc=mjpg&stall=2.5"
    )
    assert request.device == "/dev/v4l/by-id/usb-Cam_1.0-index0" and request.fourcc == "MJPG"
    assert (request.picture.width_px, request.picture.height_px) == (1920, 1080)
    assert request.picture.rate_hz == 30 and request.patience.stall_s == 2.5
    source = V4l2Source(request, max_outage_s=9)
    assert source.name == "v4l2:///dev/v4l/by-id/usb-Cam_1.0-index0"
    assert source._stem == "usb-Cam_1.0-index0" and source.rate_hz == 30
    assert source.patience.max_outage_s == 9


def test_what_is_not_asked_for_is_the_driver_s():
    request = parse_v4l2("v4l2:///dev/video0")
    assert request.picture.width_px == request.picture.rate_hz == 0 and request.fourcc is None
    assert V4l2Source(request).rate_hz is None


@pytest.mark.parametrize(
    "text",
    ["v4l2://", "v4l2://video0", "v4l2:///video0", "v4l2:///dev", "v4l2:///dev/", "v4l2:///dev/../etc/passwd",
     "v4l2:///dev/%2e%2e/etc/passwd", "v4l2:///dev/video0#x", "v4l2:///dev/video0?width=31", "v4l2:///dev/video0?fps=1001",
     "v4l2:///dev/video0?fourcc=H264", "v4l2:///dev/video0?flip=1", "v4l2:///dev/video0?width=640&width=640",
     "v4l2:///dev/video0?stall=0.1", "v4l2:///dev/video0?frozen=-1"],
)  # fmt: skip
def test_what_is_no_device(text):
    with pytest.raises(InputError):
        parse_v4l2(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        device = parse_v4l2(f"v4l2://{text}").device
    except InputError as refused:
        assert "\n" not in str(refused)
    else:
        assert device.startswith("/dev/") and "/../" not in device


class FakeVideo:
    def __init__(self, opens):
        self.opens, self.asked, self.released = opens, [], False

    def __call__(self, device, api):
        self.opened = (device, api)
        return self

    def isOpened(self):  # noqa: N802
        return self.opens

    def set(self, key, value):
        self.asked.append((key, value))

    def release(self):
        self.released = True


@pytest.fixture
def fake(monkeypatch):
    def make(opens):
        video = FakeVideo(opens)
        monkeypatch.setitem(v4l2.cv2.__dict__, "VideoCapture", video)
        return video

    yield make
    v4l2.cv2.__dict__.pop("VideoWriter", None)


def test_the_format_is_asked_for_before_the_size(fake, monkeypatch):
    video = fake(opens=True)
    open_v4l2(parse_v4l2("v4l2:///dev/video7?width=640&fps=5&fourcc=MJPG"), BufferRing())
    assert video.opened == ("/dev/video7", cv2.CAP_V4L2)
    assert video.asked == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 640),
        (cv2.CAP_PROP_FPS, 5),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ]


def test_a_device_that_does_not_open_is_let_go(fake):
    video = fake(opens=False)
    with pytest.raises(InputError, match="/dev/video7 cannot be opened"):
        open_v4l2(parse_v4l2("v4l2:///dev/video7"), BufferRing())
    assert video.released


def test_a_device_that_is_not_there_is_waited_for():
    """The real OpenCV: it is refused, and LOST until it is stopped."""
    source, events = V4l2Source(parse_v4l2("v4l2:///dev/no-such-camera")), []

    def listen(event):
        events.append(event)
        if event.state is SourceState.LOST:
            source.stop()

    assert list(source.frames(pytest.fail, listen)) == []
    assert [event.state.value for event in events] == ["connecting", "lost", "ended"]
    assert "/dev/no-such-camera cannot be opened" in events[1].detail
