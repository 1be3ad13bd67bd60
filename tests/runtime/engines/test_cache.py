import json
import os
import stat
from dataclasses import replace

import pytest
from engine_made import COMPILED, KEY, LAYERS
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.engines import cache


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def engine(tmp_path):
    return cache.write(KEY, COMPILED, tmp_path)


def test_the_folder_is_made_for_its_owner_only(home):
    before = os.umask(0)
    try:
        folder = cache.cache_folder()
    finally:
        os.umask(before)
    assert folder == home / "leukoscope" / "engines"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert cache.cache_folder() == folder


def test_a_relative_or_missing_place_is_the_homes(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for asked in ("", "here"):
        monkeypatch.setenv("XDG_CACHE_HOME", asked)
        assert cache.cache_folder() == tmp_path / ".cache" / "leukoscope" / "engines"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_folder_that_others_reach_is_refused(home, mode):
    cache.cache_folder().chmod(mode)
    with pytest.raises(MachineError, match=r"others could put an engine there.*chmod 700"):
        cache.cache_folder()


def test_a_link_is_refused(home, tmp_path_factory):
    (home / "leukoscope").mkdir()
    (home / "leukoscope" / "engines").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(MachineError, match="is a link"):
        cache.cache_folder()


def test_another_owners_folder_is_refused(home, monkeypatch):
    cache.cache_folder()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(MachineError, match="belongs to user"):
        cache.cache_folder()


def test_a_file_in_its_place_is_refused(home):
    (home / "leukoscope").write_text("x")
    with pytest.raises(MachineError, match="cannot be made"):
        cache.cache_folder()


def test_what_is_written_is_read(engine, tmp_path):
    found = cache.read(KEY, tmp_path)
    assert found == engine and not found.proved
    assert cache.read_plan(found) == COMPILED.plan
    assert cache.read_layers(found) == LAYERS


def test_another_key_is_another_engine(engine, tmp_path):
    assert cache.read(replace(KEY, driver="13.0"), tmp_path) is None


def test_a_sidecar_under_another_name_is_not_believed(engine, tmp_path):
    other = replace(KEY, driver="13.0")
    for end in (".json", ".plan"):
        engine.path.with_suffix(end).rename(tmp_path / f"{other.stem}{end}")
    assert cache.read(other, tmp_path) is None


@pytest.mark.parametrize("data", [b"", b"a plan of some byteX", b"a plan of some bytes and more"])
def test_a_plan_that_is_not_the_written_one_is_not_used(engine, tmp_path, data):
    engine.path.write_bytes(data)
    assert cache.read(KEY, tmp_path) is None
    with pytest.raises(InputError, match="--rebuild"):
        cache.read_plan(engine)


def test_a_plan_that_is_a_link_is_not_used(engine, tmp_path):
    engine.path.rename(tmp_path / "moved")
    engine.path.symlink_to(tmp_path / "moved")
    assert cache.read(KEY, tmp_path) is None


def test_proved_or_faulty_is_written_down(engine, tmp_path):
    assert cache.mark(engine).proved
    assert cache.read(KEY, tmp_path).proved
    cache.mark(engine, ["cams: is missing"])
    found = cache.read(KEY, tmp_path)
    assert not found.proved and found.faults == ("cams: is missing",)


def test_a_new_build_is_unproved_again(engine, tmp_path):
    cache.mark(engine)
    cache.write(KEY, COMPILED, tmp_path)
    assert not cache.read(KEY, tmp_path).proved


def test_the_sidecar_says_what_it_is(engine):
    value = json.loads(engine.path.with_suffix(".json").read_text())
    assert value["schema"] == 1 and value["key"]["gpu"] == "Orin"
    assert value["ahead_of_time"] is False and value["proved"] is False


def test_engines_that_take_the_batch_smallest_first(engine, tmp_path):
    for most in (16, 2):
        cache.write(replace(KEY, profile=(1, 1, most)), COMPILED, tmp_path)
    cache.write(replace(KEY, gpu="Thor", profile=(1, 1, 4)), COMPILED, tmp_path)
    found = cache.serving(KEY, 3, tmp_path)
    assert [one.key.profile[2] for one in found] == [8, 16]
    assert len(cache.kept_engines(tmp_path)) == 4


@given(st.binary(max_size=60))
def test_no_sidecar_breaks_the_reading(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    (folder / f"{KEY.stem}.json").write_bytes(data)
    assert cache.read(KEY, folder) is None
    assert cache.kept_engines(folder) == ()


@pytest.mark.parametrize(
    "change",
    [{"schema": 2}, {"key": []}, {"plan_bytes": "x"}, {"faults": 3}, {"plan_bytes": -5}],
)
def test_a_sidecar_with_one_wrong_part(engine, tmp_path, change):
    path = engine.path.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert cache.read(KEY, tmp_path) is None


def test_damaged_layers_are_no_layers(engine):
    engine.path.with_suffix(".layers.json").write_text('[{"name": 3}]')
    assert cache.read_layers(engine) == ()
