import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.sources import gstreamer
from leukoscope.runtime.sources.folder import FolderSource
from leukoscope.runtime.sources.synthetic import SyntheticSource
from leukoscope.runtime.sources.uri import SyntheticRequest, open_source, parse_synthetic


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("synthetic://", SyntheticRequest(None, 4, 0)),
        ("synthetic://?stage=early&fields=200&seed=1", SyntheticRequest("Early", 200, 1)),
        ("SYNTHETIC://?Stage=PRO&SEED=7", SyntheticRequest("Pro", 4, 7)),
        ("synthetic:///?fields=1", SyntheticRequest(None, 1, 0)),
    ],
)
def test_synthetic_uris(text, request_):
    assert parse_synthetic(text) == request_
    assert isinstance(open_source(text), SyntheticSource)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("synthetic://?stage=late", "benign, early, pre, pro"),
        ("synthetic://?colour=red", "'colour'"),
        ("synthetic://?fields=0", "fields='0'"),
        ("synthetic://?fields=-3", "fields='-3'"),
        ("synthetic://?fields=1e3", "fields='1e3'"),
        ("synthetic://?fields=9999999999999999999999", "fields="),
        (f"synthetic://?fields={'9' * 5000}", "fields="),
        ("synthetic://?seed=", "seed=''"),
        ("synthetic://?seed=１", "seed="),
        ("synthetic://?seed=1&seed=2", "seed twice"),
        ("synthetic://?seed", "seed"),
        ("synthetic://host/path", "path"),
        ("v4l2:///dev/video0?width=1", "width='1'"),
        ("csi://x", "csi://0 to csi://15"),
        ("RTSP://user:sec/ret@host/secret", "no RTSP address"),
        ("watch:///no/such/folder", "/no/such/folder"),
        ("ftp://somewhere", "ftp://"),
        ("no-such-file.png", "no-such-file.png"),
        ("nothing/*.png", "no image matches"),
    ],
)
def test_a_wrong_source_is_one_line_that_names_what_is_wrong(text, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        open_source(text)
    assert named in str(caught.value) and "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("v4l2:///dev/video0?width=1920&height=1080&fps=30", "V4l2Source"),
        ("RTSP://user:secret@host/stream", "RtspSource"),
        ("rtsps://host/stream", "RtspSource"),
        ("watch:///", "WatchSource"),
    ],
)
def test_each_scheme_has_its_source(text, kind):
    assert type(open_source(text, max_outage_s=60)).__name__ == kind


def test_a_csi_camera_without_gstreamer(monkeypatch):
    monkeypatch.setattr(gstreamer, "has_gstreamer", lambda: False)
    with pytest.raises(MachineError, match="csi://"):
        open_source("csi://0")


def test_a_virtual_slide_is_opened_by_its_own_module(monkeypatch):
    slide = ModuleType("slide")
    slide.open_slide = lambda text: ("slide", text)
    monkeypatch.setitem(sys.modules, "leukoscope.runtime.sources.slide", slide)
    for text in ("synthetic://slide", "synthetic://slide?seed=3&stops=20", "Synthetic://SLIDE?x=1"):
        assert open_source(text) == ("slide", text)
    with pytest.raises(InputError, match="path"):
        open_source("synthetic://slides")


@pytest.mark.parametrize("outage_s", [0, -1, float("nan"), float("inf")])
def test_an_outage_is_more_than_nothing(outage_s):
    with pytest.raises(InputError, match="outage"):
        open_source("synthetic://", max_outage_s=outage_s)


@given(st.text(max_size=60))
def test_any_text_is_opened_or_refused_in_one_line(text):
    try:
        open_source(f"no-such-folder/{text}")
        open_source(text if "/" in text else f"watch://{text}")
    except (InputError, MachineError) as refused:
        assert "\n" not in str(refused)


@given(st.text(max_size=40))
def test_any_query_is_parsed_or_refused(text):
    try:
        request = parse_synthetic(f"synthetic://?{text}")
    except InputError as refused:
        assert "\n" not in str(refused)
    else:
        assert request.fields >= 1 and request.seed >= 0


def test_paths(image_folder, tmp_path, monkeypatch):
    for name in ("x/a.png", "y/a.png", "y/b.tif"):
        image_folder(name)
    (tmp_path / "images" / "y" / "notes.txt").write_text("notes")
    monkeypatch.chdir(tmp_path)
    for text, names in {
        "images": ["x__a", "y__a", "b"],
        "images/x/a.png": ["a"],
        "images/*/a.*": ["x__a", "y__a"],
        "images/y/*": ["a", "b"],
        f"{tmp_path}/images/**/*.png": ["x__a", "y__a"],
    }.items():
        source = open_source(text)
        assert isinstance(source, FolderSource)
        assert [frame.name for frame in source.frames(pytest.fail)] == names, text


def test_a_file_whose_name_holds_a_star_is_that_file(image_folder, tmp_path):
    image_folder("a[1].png")
    (frame,) = open_source(str(tmp_path / "images" / "a[1].png")).frames(pytest.fail)
    assert frame.name == "a_1_"


def test_a_file_that_is_neither_image_nor_video_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with pytest.raises(InputError, match=r"notes\.txt cannot be opened"):
        open_source(str(path))
