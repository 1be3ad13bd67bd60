import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler import cpu_time as module
from leukoscope.runtime.profiler.cpu_time import CpuTime, cpu_time, load_between

PER_S = os.sysconf("SC_CLK_TCK")
LINES = """cpu  900 0 100 8000 500 0 0 500 0 0
cpu0 100 20 30 800 40 5 5 0 0 0
cpu1 200 0 100 600 0 0 0 100 7 0
cpu2 9999 0 0 0 0 0 0 0 0 0
intr 1 2 3
"""


def written(tmp_path, text):
    path = tmp_path / "stat"
    path.write_text(text)
    return path


def test_only_the_cores_that_this_process_may_use_count(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_cores", lambda: {0, 1})
    found = cpu_time(written(tmp_path, LINES))
    assert found.total_s * PER_S == pytest.approx(1000 + 1000)
    assert found.busy_s * PER_S == pytest.approx(160 + 300)
    assert found.stolen_s * PER_S == pytest.approx(100)
    assert found.own_s >= 0


def test_without_affinity_it_is_the_line_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_cores", lambda: None)
    found = cpu_time(written(tmp_path, LINES))
    assert found.total_s * PER_S == pytest.approx(10000)
    assert found.busy_s * PER_S == pytest.approx(1000)


@pytest.mark.parametrize(
    "text", ["", "cpu", "cpu0 1 2 x 4 5 6 7 8", "cpu0 1 2 3", "cpux 1 2 3 4 5 6 7 8"]
)
def test_what_cannot_be_read_is_unknown(tmp_path, monkeypatch, text):
    monkeypatch.setattr(module, "_cores", lambda: {0})
    assert cpu_time(written(tmp_path, text)) is None
    assert cpu_time(tmp_path / "none") is None


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text):
    module._ticks(text, {0, 1})
    module._ticks(text, None)


def test_what_others_did_is_what_is_left_of_the_busy_time():
    begin = CpuTime(100.0, 10.0, 1.0, 5.0)
    load = load_between(begin, CpuTime(200.0, 60.0, 3.0, 35.0))
    assert (load.own_share, load.others_share, load.stolen_share) == pytest.approx((0.3, 0.2, 0.02))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (None, CpuTime(1, 1, 0, 0)),
        (CpuTime(1, 1, 0, 0), None),
        (CpuTime(5, 1, 0, 0), CpuTime(5, 1, 0, 0)),
    ],
)
def test_without_two_moments_the_load_is_unknown(begin, end):
    assert load_between(begin, end) is None


@given(*[st.floats(0, 1e6)] * 8)
def test_shares_are_shares(a, b, c, d, e, f, g, h):
    load = load_between(CpuTime(a, b, c, d), CpuTime(e, f, g, h))
    if load is not None:
        assert all(0 <= one <= 1 for one in (load.own_share, load.others_share, load.stolen_share))


def test_this_machine_tells():
    if not module.STAT.exists():
        pytest.skip("no /proc/stat here; to run it: on Linux")
    assert cpu_time().total_s > 0
