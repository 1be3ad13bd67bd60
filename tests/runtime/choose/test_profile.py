"""A microscope's profile on disk."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError, MachineError, UsageError
from leukoscope.runtime.choose.profile import LIMIT_BYTES, microscopes_folder, open_profile

GOOD = {"schema": 1, "name": "left", "best_sharpness": {"640x480": 0.5}}


def test_an_unknown_name_is_new_and_nothing_is_written(tmp_path):
    profile = open_profile("left", tmp_path / "none")
    assert profile.best_sharpness((640, 480)) is None
    assert not (tmp_path / "none").exists()


def test_what_is_kept_is_read_again_by_size(tmp_path):
    folder = tmp_path / "a" / "b"
    profile = open_profile("left", folder)
    profile.keep((640, 480), 0.61239)
    profile.keep((1920, 1080), 0.4)
    profile.save()
    again = open_profile("left", folder)
    assert again.best_sharpness((640, 480)) == 0.6124
    assert again.best_sharpness((1920, 1080)) == 0.4
    assert again.best_sharpness((480, 640)) is None
    assert [path.name for path in folder.iterdir()] == ["left.json"]
    assert (folder / "left.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0


def test_the_folder_is_the_user_s_configuration(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert microscopes_folder() == tmp_path / "leukoscope" / "microscopes"
    open_profile("x").save()
    assert (tmp_path / "leukoscope" / "microscopes" / "x.json").is_file()
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert microscopes_folder() == tmp_path / "home" / ".config" / "leukoscope" / "microscopes"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../up", "a/b", ".hidden", "a" * 65, "ä", "a b", "a\n", "a\0"]
)
def test_a_name_that_is_no_file_name_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match="no name for a microscope"):
        open_profile(name, tmp_path)


BAD = {
    "empty": b"",
    "no JSON": b"\xff\xfe",
    "a list": b"[]",
    "null": b"null",
    "too long": b" " * (LIMIT_BYTES + 1),
    "nested": b"[" * 100_000,
    "another schema": json.dumps(GOOD | {"schema": 2}).encode(),
    "true for schema": json.dumps(GOOD | {"schema": True}).encode(),
    "another's name": json.dumps(GOOD | {"name": "right"}).encode(),
    "a key more": json.dumps(GOOD | {"more": 1}).encode(),
    "a key less": b'{"schema": 1, "name": "left"}',
    "a key twice": b'{"schema": 1, "schema": 1, "name": "left", "best_sharpness": {}}',
    "no object": json.dumps(GOOD | {"best_sharpness": [1]}).encode(),
    **{
        f"best {text}": b'{"schema": 1, "name": "left", "best_sharpness": {"640x480": %s}}'
        % text.encode()
        for text in (
            "NaN",
            "Infinity",
            "1e999",
            "0",
            "-1",
            "11",
            "true",
            "null",
            '"0.5"',
            "[]",
            "9" * 400,
        )
    },
    **{
        f"size {size}": json.dumps(GOOD | {"best_sharpness": {size: 0.5}}).encode()
        for size in (
            "",
            "640",
            "x",
            "640x",
            "0x480",
            "640x480x3",
            "-1x2",
            "640X480",
            "9999999x1",
            "640x480\n",
        )
    },
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_hostile_file_is_refused_in_one_line(data, tmp_path):
    path = tmp_path / "left.json"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        open_profile("left", tmp_path)
    assert "\n" not in str(caught.value)
    assert f"delete {path}" in str(caught.value)
    assert path.read_bytes() == data


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_profile_or_an_input_error(tmp_path, data):
    (tmp_path / "left.json").write_bytes(data)
    with pytest.raises(InputError):
        open_profile("left", tmp_path)


def test_a_pipe_a_folder_and_a_link_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "nowhere")
    for name in ("pipe", "folder", "link"):
        with pytest.raises(InputError):
            open_profile(name, tmp_path)


def test_a_disk_that_does_not_take_it_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    profile = open_profile("left", tmp_path / "file" / "below")
    with pytest.raises(MachineError, match="cannot be written"):
        profile.save()


def test_what_was_kept_stays_whole_when_saving_fails(tmp_path, monkeypatch):
    profile = open_profile("left", tmp_path)
    profile.keep((640, 480), 0.5)
    profile.save()
    before = (tmp_path / "left.json").read_bytes()
    profile.keep((640, 480), 0.9)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match="No space left"):
        profile.save()
    assert (tmp_path / "left.json").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
