import threading

import pytest

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import DeviceError

MAKERS = {
    "memory": lambda device: device.memory(16),
    "pinned": lambda device: device.pinned((4,), "uint8"),
    "mapped": lambda device: device.mapped((4,), "uint8"),
    "stream": lambda device: device.stream(),
    "event": lambda device: device.event(),
    "module": lambda device: device.module(b"image"),
    "graph": lambda device: device.stream().capture(lambda: None),
}
RELEASES = {
    "free", "free_host", "destroy_stream", "destroy_event", "unload_module", "destroy_graph"
}  # fmt: skip


def releases(driver):
    return [name for name in driver.names() if name in RELEASES]


def test_everything_is_given_back_once_in_reverse_order_after_the_work(driver):
    with Device(driver) as device:
        for make in MAKERS.values():
            make(device)
        driver.log.clear()
    assert driver.names() == [
        "synchronize",
        "destroy_graph",
        "destroy_stream",
        "unload_module",
        "destroy_event",
        "destroy_stream",
        "free_host",
        "free_host",
        "free",
        "drop_context",
    ]
    device.close()
    assert driver.names().count("drop_context") == 1


def test_an_error_inside_frees_all_and_passes_through(driver):
    driver.failing["free"] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(ValueError, match="ours"), Device(driver) as device:
        device.memory(16)
        device.stream()
        raise ValueError("ours")
    assert driver.names()[-3:] == ["destroy_stream", "free", "drop_context"]


@pytest.mark.parametrize("failing", sorted(RELEASES))
def test_a_release_that_fails_stops_no_other_and_is_told(driver, failing):
    driver.failing[failing] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(DeviceError, match=failing), Device(driver) as device:
        for make in MAKERS.values():
            make(device)
    assert len(releases(driver)) == 8
    assert driver.names()[-1] == "drop_context"


def test_of_several_failures_the_first_is_told(driver):
    driver.failing = dict.fromkeys(["free", "destroy_stream", "drop_context"], "CUDA_ERROR_UNKNOWN")
    with pytest.raises(DeviceError, match="destroy_stream"), Device(driver) as device:
        device.memory(16)
        device.stream()


def test_where_the_work_is_lost_the_context_takes_all_along(driver):
    with pytest.raises(DeviceError, match="start again"), Device(driver) as device:
        memory = device.memory(16)
        driver.failing["synchronize"] = "CUDA_ERROR_LAUNCH_FAILED"
    assert releases(driver) == []
    assert driver.names()[-1] == "drop_context"
    assert memory.closed


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_another_thread_may_not_make_anything(device, driver, name):
    driver.log.clear()
    error = in_thread(lambda: MAKERS[name](device))
    assert isinstance(error, DeviceError)
    assert "MainThread" in str(error)
    assert "worker" in str(error)
    assert driver.log == []


@pytest.mark.parametrize("use", [Device.close, Device.synchronize, Device.free_bytes])
def test_another_thread_may_not_use_or_close_it(device, use):
    assert "open the device in the thread that uses it" in str(in_thread(lambda: use(device)))
    device.synchronize()


def in_thread(work):
    outcome = []

    def guarded():
        try:
            outcome.append(work())
        except DeviceError as error:
            outcome.append(error)

    worker = threading.Thread(target=guarded, name="worker")
    worker.start()
    worker.join()
    return outcome[0]


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_closed_device_makes_nothing(driver, name):
    device = Device(driver)
    device.close()
    with pytest.raises(DeviceError, match="after it was closed"):
        MAKERS[name](device)


def test_a_thread_has_one_device_at_a_time(device, driver):
    with pytest.raises(DeviceError, match="share that device"):
        Device(driver)
    device.close()
    Device(driver).close()


@pytest.mark.parametrize("failing", ["facts", "make_context"])
def test_a_device_that_does_not_open_leaves_nothing(driver, failing):
    driver.failing[failing] = "CUDA_ERROR_OUT_OF_MEMORY"
    with pytest.raises(DeviceError, match=failing):
        Device(driver)
    assert "drop_context" not in driver.names()
    driver.failing.clear()
    Device(driver).close()


def test_a_context_that_does_not_go_leaves_the_thread_free(driver):
    driver.failing["drop_context"] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(DeviceError, match="drop_context"):
        Device(driver).close()
    driver.failing.clear()
    Device(driver).close()


def test_facts_are_read_once(device, driver):
    assert device.facts.compute_capability == (8, 7)
    assert device.facts.integrated
    assert driver.names().count("facts") == 1
