import pytest

from leukoscope.runtime.backends.cuda.failures import DeviceError


def test_close_waits_for_the_work_and_releases_once(device, driver):
    memory = device.memory(16)
    driver.log.clear()
    memory.close()
    memory.close()
    assert driver.names() == ["synchronize", "free"]
    device.close()
    assert driver.names().count("free") == 1


def test_with_closes(device, driver):
    with device.stream() as stream:
        assert not stream.closed
    assert stream.closed
    assert driver.names()[-1] == "destroy_stream"


def test_what_is_closed_is_not_used(device, driver):
    stream, memory, pinned = device.stream(), device.memory(8), device.pinned((8,), "uint8")
    event, shared = device.event(), device.mapped((8,), "uint8")
    for resource in (memory, pinned, event, shared):
        resource.close()
    driver.log.clear()
    uses = {
        "device memory": lambda: stream.copy_in(memory, device.pinned((8,), "uint8")),
        "pinned array": lambda: stream.copy_out(pinned, device.memory(8)),
        "event": lambda: stream.record(event),
        "mapped array": lambda: shared.address,
    }
    for what, use in uses.items():
        with pytest.raises(DeviceError, match=f"{what} was used after it was closed"):
            use()
    assert not {"copy_to_device", "copy_to_host", "record", "mapped_address"} & set(driver.names())
    stream.close()
    with pytest.raises(DeviceError, match="stream was used"):
        stream.synchronize()


def test_a_wait_that_fails_still_releases(device, driver):
    memory = device.memory(16)
    driver.failing["synchronize"] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(DeviceError, match="synchronize"):
        memory.close()
    assert memory.closed
    assert driver.names()[-1] == "free"
    driver.failing.clear()


def test_an_error_inside_with_is_not_replaced(device, driver):
    driver.failing["free"] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(KeyError), device.memory(16):
        raise KeyError
    with pytest.raises(DeviceError, match="free"), device.memory(16):
        pass


def test_what_was_not_made_is_not_released(device, driver):
    driver.failing = {"allocate": "CUDA_ERROR_OUT_OF_MEMORY", "make_stream": "CUDA_ERROR_UNKNOWN"}
    for make in (lambda: device.memory(16), device.stream):
        with pytest.raises(DeviceError):
            make()
    driver.failing.clear()
    device.close()
    assert not {"free", "destroy_stream"} & set(driver.names())
