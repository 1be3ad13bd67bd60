import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.sources import rtsp
from leukoscope.runtime.sources.rtsp import RtspSource, parse_rtsp, rtsp_pipeline


def test_everything_before_the_hash_is_the_camera_s_own():
    request = parse_rtsp(
        "RTSP://u:p%40ss@Cam.lab:8554/ch/0?mode=1&x=y#latency=20&transport=UDP&stall=3"
    )
    assert request.url == "RTSP://u:p%40ss@Cam.lab:8554/ch/0?mode=1&x=y"
    assert request.name == "rtsp://***@Cam.lab:8554/ch/0?***"
    assert (request.transport, request.latency_ms, request.host) == ("udp", 20, "Cam.lab")
    assert request.patience.stall_s == 3 and request.patience.frozen_s == 60


def test_what_is_meant_where_nothing_is_said():
    request = parse_rtsp("rtsp://cam")
    assert (request.transport, request.latency_ms, request.backend) == ("tcp", 100, "auto")
    assert request.url == request.name == "rtsp://cam"


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://",
        "rtsp:///path",
        "rtsp://cam:port/x",
        "rtsp://cam:0/x",
        "rtsp://cam:65536/x",
        'rtsp://cam/x" ! filesink location="y',
        "rtsp://cam/x y",
        "rtsp://cam/\nx",
        "rtsp://cam/é",
        "rtsp://cam/x@y",
        "rtsp://cam/x#transport=quic",
        "rtsp://cam/x#latency=-1",
        "rtsp://cam/x#latency=1&latency=2",
        "rtsp://cam/x#colour=red",
        "rtsp://cam/x#stall=0",
        "rtsp://[cam/x",
        "rtsp://cam/" + "x" * 5000,
    ],
)
def test_what_is_no_address(text):
    with pytest.raises(InputError) as caught:
        parse_rtsp(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


@given(st.text(max_size=40))
def test_any_address_is_read_or_refused_and_never_breaks_out_of_the_pipeline(text):
    try:
        request = parse_rtsp(f"rtsp://{text}")
    except InputError as refused:
        assert "\n" not in str(refused)
    else:
        pipeline = rtsp_pipeline(request, tegra=False)
        assert pipeline.count('"') == 2 and pipeline.split('"')[1] == request.url
        assert "\\" not in pipeline and " " not in request.url


def test_the_pipeline_keeps_the_newest_picture_only():
    request = parse_rtsp("rtsp://u:p@cam/x?y=1#latency=20&transport=udp")
    assert rtsp_pipeline(request, tegra=False) == (
        'rtspsrc location="rtsp://u:p@cam/x?y=1" latency=20 protocols=udp drop-on-latency=true ! '
        "application/x-rtp,media=video ! decodebin ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink drop=1 max-buffers=1 sync=false"
    )
    assert "decodebin ! nvvidconv ! video/x-raw,format=BGRx ! videoconvert" in rtsp_pipeline(
        request, tegra=True
    )


@pytest.mark.parametrize(
    ("backend", "there", "used"),
    [
        ("auto", True, "open_pipeline"),
        ("auto", False, "open_ffmpeg"),
        ("ffmpeg", True, "open_ffmpeg"),
        ("gstreamer", True, "open_pipeline"),
    ],
)
def test_gstreamer_where_opencv_has_it(backend, there, used, monkeypatch):
    monkeypatch.setattr(rtsp, "has_gstreamer", lambda: there)
    source = RtspSource(parse_rtsp(f"rtsp://cam/x#backend={backend}"), max_outage_s=7)
    assert source._open.func.__name__ == used
    assert source.patience.max_outage_s == 7 and source.live


def test_a_user_s_own_options_for_ffmpeg_are_left_alone(monkeypatch):
    monkeypatch.delenv(rtsp.FFMPEG_OPTIONS, raising=False)
    for transport in ("udp", "tcp"):
        RtspSource(parse_rtsp(f"rtsp://cam#transport={transport}"))
        assert os.environ[rtsp.FFMPEG_OPTIONS] == f"rtsp_transport;{transport}"
    monkeypatch.setenv(rtsp.FFMPEG_OPTIONS, "fflags;nobuffer")
    RtspSource(parse_rtsp("rtsp://cam#transport=udp"))
    assert os.environ[rtsp.FFMPEG_OPTIONS] == "fflags;nobuffer"
