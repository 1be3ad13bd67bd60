from dataclasses import replace

from engine_made import KEY

from leukoscope.runtime.engines.timing_cache import LIMIT_BYTES, TimingCache, timing_cache_for


def test_one_file_for_each_version_on_each_device(tmp_path):
    ours = timing_cache_for(tmp_path, KEY).path
    assert timing_cache_for(tmp_path, replace(KEY, network="other", profile=(1, 2, 2))).path == ours
    for part in ({"gpu": "Thor"}, {"backend_version": "11.4"}, {"driver": "13.0"}):
        assert timing_cache_for(tmp_path, replace(KEY, **part)).path != ours


def test_names_of_devices_do_not_leave_the_folder(tmp_path):
    path = timing_cache_for(tmp_path, replace(KEY, gpu="../../x y/\0")).path
    assert path.parent == tmp_path and "\0" not in path.name


def test_a_link_or_a_giant_is_not_read(tmp_path):
    (tmp_path / "other").write_bytes(b"x")
    link = tmp_path / "timing.cache"
    link.symlink_to(tmp_path / "other")
    assert TimingCache(link)._read() == b""
    giant = tmp_path / "giant.cache"
    with giant.open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    assert TimingCache(giant)._read() == b""
