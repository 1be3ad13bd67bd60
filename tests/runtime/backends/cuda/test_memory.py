import math

import numpy as np
import pytest
from fake_driver import FakeDriver
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import UsageError
from leukoscope.runtime.backends.cuda.device import Device

SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)
DTYPES = st.sampled_from(["uint8", "float16", "float32", "int64"])


@given(shape=SHAPES, dtype=DTYPES)
def test_a_pinned_array_is_a_view_of_its_block(shape, dtype):
    with Device(FakeDriver()) as device:
        pinned = device.pinned(shape, dtype)
        size = math.prod(shape) * np.dtype(dtype).itemsize
        assert (pinned.shape, pinned.dtype, pinned.size_bytes) == (shape, np.dtype(dtype), size)
        assert device.driver.log[-1] == ("allocate_host", size, False)
        pinned.array[:] = 1
        assert np.array_equal(pinned.bytes().view(dtype), np.ones(math.prod(shape), dtype))


def test_a_mapped_array_asks_for_a_device_address(device, driver):
    shared = device.mapped((2, 3), np.float32)
    assert ("allocate_host", 24, True) in driver.log
    assert shared.address == 4096
    assert shared.array.shape == (2, 3)


def test_device_memory_has_an_address_and_a_size(device, driver):
    memory = device.memory(100)
    assert (memory.address, memory.size_bytes) == (4096, 100)
    assert ("allocate", 100) in driver.log


@pytest.mark.parametrize("size", [-1, 17])
def test_more_than_there_is_is_refused(device, size):
    with pytest.raises(UsageError, match=f"{size} bytes do not fit; wanted at most 16 bytes"):
        device.pinned((16,), np.uint8).bytes(size)
