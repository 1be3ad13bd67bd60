import numpy as np
import pytest

from leukoscope.errors import UsageError


def last(driver):
    name, *arguments = driver.log[-1]
    return name, *(a.size if isinstance(a, np.ndarray) else a for a in arguments)


def test_copies_take_all_or_the_first_bytes(device, driver):
    stream, memory, pinned = device.stream(), device.memory(64), device.pinned((4, 4), np.float32)
    handle = stream.raw
    stream.copy_in(memory, pinned)
    assert last(driver) == ("copy_to_device", 4096, 64, handle)
    stream.copy_in(memory, pinned, 12)
    assert last(driver) == ("copy_to_device", 4096, 12, handle)
    stream.copy_out(pinned, memory)
    assert last(driver) == ("copy_to_host", 64, 4096, handle)
    stream.copy_out(pinned, memory, 8)
    assert last(driver) == ("copy_to_host", 8, 4096, handle)
    stream.fill(memory, 255)
    assert last(driver) == ("fill", 4096, 255, 64, handle)
    stream.fill(memory, 0, 5)
    assert last(driver) == ("fill", 4096, 0, 5, handle)


def test_copies_beyond_either_end_are_refused(device, driver):
    stream, small, large = device.stream(), device.memory(8), device.memory(100)
    pinned = device.pinned((16,), np.uint8)
    driver.log.clear()
    for copy in (
        lambda: stream.copy_in(small, pinned),
        lambda: stream.copy_in(large, pinned, 17),
        lambda: stream.copy_out(pinned, small),
        lambda: stream.copy_out(pinned, large, 17),
        lambda: stream.fill(small, 0, 9),
    ):
        with pytest.raises(UsageError, match="do not fit"):
            copy()
    assert not {"copy_to_device", "copy_to_host", "fill"} & set(driver.names())


def test_events_go_to_the_driver_with_their_stream(device, driver):
    stream, event, end = device.stream(), device.event(), device.event(timed=True)
    assert ("make_event", False) in driver.log
    assert ("make_event", True) in driver.log
    stream.record(event)
    assert last(driver) == ("record", event.raw, stream.raw)
    stream.wait(event)
    assert last(driver) == ("wait", stream.raw, event.raw)
    event.synchronize()
    assert last(driver) == ("synchronize_event", event.raw)
    event.elapsed_ms(end)
    assert last(driver) == ("elapsed_ms", event.raw, end.raw)
    stream.synchronize()
    assert last(driver) == ("synchronize_stream", stream.raw)
    assert stream.handle == 4096
