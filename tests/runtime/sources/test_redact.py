"""Credentials are never shown, whatever the user typed and whatever then goes wrong."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scripted_camera import Play

from leukoscope.errors import InputError
from leukoscope.runtime.sources.live import LiveSource
from leukoscope.runtime.sources.redact import redact
from leukoscope.runtime.sources.rtsp import RtspSource, parse_rtsp
from leukoscope.runtime.sources.uri import open_source


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://cam.lab/stream1", "rtsp://cam.lab/stream1"),
        ("RTSP://admin:secret@cam.lab:554/a/b", "rtsp://***@cam.lab:554/a/b"),
        ("rtsps://admin@[fe80::1]:322/x", "rtsps://***@[fe80::1]:322/x"),
        ("rtsp://cam/x?user=admin&password=secret", "rtsp://cam/x?***"),
        ("rtsp://cam/user=admin&password=secret&channel=1", "rtsp://cam/user=***"),
        ("rtsp://cam/user=admin_password=secret_channel=1.sdp/y", "rtsp://cam/user=***/y"),
        ("rtsp://cam/x#transport=udp", "rtsp://cam/x"),
        ("rtsp://admin:sec/ret@cam/x", "rtsp://***"),
        ("rtsp://admin:sec?ret@cam/x", "rtsp://***"),
        ("rtsp://admin:sec#ret@cam/x", "rtsp://***"),
        ("rtsp://admin:sec@ret@cam/x", "rtsp://***"),
        ("rtsp://admin:1/secret@cam/x", "rtsp://***"),
        ("rtsp://admin:sec ret@cam/x", "rtsp://***"),
        ("rtsp://admin:secret", "rtsp://***"),
        ("http://admin:secret@cam/x", "http://***@cam/x"),
        ("rtsp:/admin:secret@cam/x", "rtsp://***"),
        ("rtsp:admin:secret@cam/x", "***@cam/x"),
        ("admin:secret@cam/x", "***@cam/x"),
        ("admin:se@cret@cam/x", "***@cam/x"),
        (" rtsp://admin:secret@cam/x", "rtsp://***"),
        ("v4l2://admin:secret@cam/dev/video0", "v4l2://***@cam/dev/video0"),
        ("v4l2:///dev/video0?width=640", "v4l2:///dev/video0?width=640"),
        ("watch:///data/a@b:c@d", "watch:///data/a@b:c@d"),
        ("synthetic://?seed=1", "synthetic://?seed=1"),
        ("fields/a@b.png", "fields/a@b.png"),
        ("/data/12:30/a.png", "/data/12:30/a.png"),
        ("", ""),
    ],
)
def test_what_is_shown(text, shown):
    assert redact(text) == shown
    assert "secret" not in shown and "admin" not in shown


SECRET = st.text(st.sampled_from("aZ9:/?#@[]%&=+ !'\"\\\n\té\0"), max_size=12).map(
    lambda text: f"Xq{text}7Kw"
)
"""Both ends are found nowhere else: neither may appear."""
URI = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(
        ["rtsp://", "RTSPS://", "rtsp:/", "rtsp:", "http://", "v4l2://", " rtsp://", ""]
    ),
    st.sampled_from(["", "admin", "us/er", "a:b"]),
    SECRET.map(lambda secret: f":{secret}@"),
    st.sampled_from(["cam", "[::1]", "cam:554", "cam:notaport", ""]),
    st.sampled_from(["", "/", "/stream", "/a/b?c=d", "/x@y"]),
    st.sampled_from(["", "#transport=udp", "#transport=no", "#what=1", "#", "#stall=x"]),
)


def assert_hidden(text):
    assert not re.search("Xq|7Kw", text), text


@given(URI)
@example("rtsp://admin:Xq/7Kw@cam/x")
@example("rtsp://admin:Xq@7Kw@cam/x")
@example("rtsp://admin:Xq#stall=7Kw@cam/x")
def test_a_password_is_in_no_text_that_comes_of_it(text):
    assert_hidden(redact(text))
    try:
        source = open_source(text)
    except InputError as refused:
        assert_hidden(str(refused) + repr(refused) + str(refused.args))
    else:
        assert isinstance(source, LiveSource)
        assert_hidden(source.name + source._stem)


@given(SECRET.filter(lambda text: re.fullmatch(r"[^@/?#\s\\\"\0é\[\]%]*", text)))
def test_a_password_reaches_the_driver_and_nobody_else(secret):
    text = f"rtsp://admin:{secret}@cam:554/stream?token={secret}#transport=udp&latency=50"
    request = parse_rtsp(text)
    assert request.url == text.partition("#")[0]
    assert_hidden(repr(request) + str(request))
    source = RtspSource(request)
    assert_hidden(source.name + source._stem + repr(source))


def test_what_a_driver_says_is_not_repeated():
    fault = OSError("cannot open rtsp://admin:Xq7Kw@cam/stream")
    with Play(fault, [fault], max_outage_s=10, hang_s=1) as play:
        play.camera.scripts.append([100, fault])
        assert list(play.frames) == []
    assert play.words and play.faults
    assert_hidden(play.words)
