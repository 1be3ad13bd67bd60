import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.sources import gstreamer
from leukoscope.runtime.sources.csi import CsiSource, csi_pipeline, parse_csi


def test_the_pipeline_of_a_request():
    request = parse_csi("csi://1?width=3264&height=2464&fps=21&flip=2")
    assert csi_pipeline(request) == (
        "nvarguscamerasrc sensor-id=1 ! "
        "video/x-raw(memory:NVMM),width=3264,height=2464,framerate=21/1 ! "
        "nvvidconv flip-method=2 ! video/x-raw,format=BGRx ! "
        "videoconvert ! video/x-raw,format=BGR ! appsink drop=1 max-buffers=1 sync=false"
    )
    assert "width=1920,height=1080,framerate=30/1" in csi_pipeline(parse_csi("csi://0"))


@pytest.mark.parametrize(
    "text",
    ["csi://", "csi://x", "csi://16", "csi://-1", "csi://１", "csi://0/x", "csi://0#x", "csi://0?flip=8",
     "csi://0?width=9", "csi://0?fps=0", "csi://0?fourcc=MJPG", "csi://0?fps=30&fps=30", "csi:///0"],
)  # fmt: skip
def test_what_is_no_csi_camera(text):
    with pytest.raises(InputError):
        parse_csi(text)


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[0-9]{1,2}(\?(fps|width|flip)=.{1,4})?", fullmatch=True),
    )
)
def test_any_text_is_read_or_refused_and_puts_nothing_else_into_the_pipeline(text):
    try:
        request = parse_csi(f"csi://{text}")
    except InputError as refused:
        assert "\n" not in str(refused)
    else:
        assert csi_pipeline(request).count("!") == 6


def test_without_gstreamer_the_machine_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr(gstreamer, "has_gstreamer", lambda: False)
    with pytest.raises(MachineError, match=r"csi:// needs.*JetPack.*uninstall opencv-python"):
        CsiSource(parse_csi("csi://0"))


def test_with_gstreamer_it_is_opened_when_frames_are_asked_for(monkeypatch):
    monkeypatch.setattr(gstreamer, "has_gstreamer", lambda: True)
    source = CsiSource(parse_csi("csi://2?fps=15&stall=2&frozen=0"), max_outage_s=60)
    assert (source.name, source.rate_hz, source.live) == ("csi://2", 15.0, True)
    patience = source.patience
    assert (patience.stall_s, patience.frozen_s, patience.max_outage_s) == (2, 0, 60)
