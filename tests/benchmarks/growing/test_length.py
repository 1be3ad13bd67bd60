import numpy as np
import pytest
from growing.length import Repeated, length_of, resident_bytes


def memory(slope, samples=200):
    fields = 20.0 * np.arange(1, samples + 1)
    return np.stack([fields, 2e8 + slope * fields], axis=1)


def test_a_steady_stream():
    found = length_of(np.arange(4000) * 0.01, memory(0))
    assert [round(one.value, 6) for one in found.ms_a_field] == [10] * 8
    assert found.last_over_second.value == pytest.approx(1)
    assert found.memory_ratio.value == 1
    assert found.bytes_a_field.value == 0


def test_a_leak_is_seen():
    found = length_of(np.arange(4000) * 0.01, memory(5000))
    assert found.bytes_a_field.value == pytest.approx(5000, abs=1)
    assert found.memory_ratio.low > 1.03


def test_a_stream_that_grows_slower_is_seen():
    found = length_of(np.cumsum(np.linspace(0.01, 0.03, 4000)), memory(0))
    assert found.last_over_second.low > 1.5


def test_fields_differ_and_have_names_of_their_own():
    frames = list(Repeated(30).frames(print))
    assert len({frame.name for frame in frames}) == 30
    assert not (frames[0].pixels == frames[1].pixels).all()
    assert (frames[0].pixels == frames[12].pixels).all()


def test_resident_memory_is_of_this_process():
    before = resident_bytes()
    block = np.ones(50_000_000, np.uint8)
    assert resident_bytes() - before > 40_000_000
    assert block[-1] == 1
