"""Sizes of caches as Linux tells them, and bytes that really move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.layers import bandwidth


def cache(folder, sizes):
    for index, (level, size) in enumerate(sizes):
        place = folder / f"index{index}"
        place.mkdir(parents=True)
        (place / "level").write_text(f"{level}\n")
        (place / "size").write_text(f"{size}\n")


def test_the_largest_and_the_second_level(tmp_path):
    cache(tmp_path, [(1, "48K"), (1, "32K"), (2, "1024K"), (3, "32M")])
    assert bandwidth.last_cache_bytes(tmp_path) == 32 << 20
    assert bandwidth.inner_cache_bytes(tmp_path) == 1 << 20


@pytest.mark.parametrize("size", ["", "large", "-4K", "K", "9" * 40, "4\u0664K"])
def test_what_is_no_size_is_not_believed(tmp_path, size):
    cache(tmp_path, [(2, size)])
    assert bandwidth.last_cache_bytes(tmp_path) == bandwidth.ASSUMED_CACHE_BYTES
    assert bandwidth.inner_cache_bytes(tmp_path) == bandwidth.ASSUMED_INNER_BYTES


def test_without_the_files(tmp_path):
    assert bandwidth.last_cache_bytes(tmp_path / "none") == bandwidth.ASSUMED_CACHE_BYTES


@given(st.binary(max_size=20))
def test_no_bytes_break_the_reading(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cache")
    (folder / "index0").mkdir()
    (folder / "index0" / "size").write_bytes(data)
    assert bandwidth.last_cache_bytes(folder) > 0


def test_the_ways_move_what_they_say():
    a = bandwidth._arrays(64)
    a[1][:], a[2][:] = 2, 3
    copy, add, read = (work for work, _ in bandwidth.WAYS)
    copy(a)
    assert (a[0] == 2).all()
    add(a)
    assert (a[0] == 5).all()
    assert read(a) == 2


def test_both_are_measured(monkeypatch):
    monkeypatch.setattr(bandwidth, "LEAST_BYTES", 3 << 20)
    monkeypatch.setattr(bandwidth, "ROUNDS", 1)
    assert bandwidth.memory_bytes_per_s(1, 1 << 10) > 0
    assert bandwidth.cache_bytes_per_s(2) > 0
