import gc
import threading
import weakref

import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.backends import tensorrt_thread
from leukoscope.runtime.backends.cuda.failures import DeviceError
from leukoscope.runtime.backends.tensorrt_thread import (
    DeviceThread,
    borrow_thread,
    device_in_use,
    return_thread,
)


class StandInDevice:
    """Remembers the thread that opened it and the one that closed it."""

    def __init__(self, fails_to_close=False):
        self.opened_in, self.closed_in = threading.current_thread(), None
        self.fails_to_close = fails_to_close

    def close(self):
        self.closed_in = threading.current_thread()
        if self.fails_to_close:
            raise DeviceError("the driver's cuCtxDestroy failed")


def in_another_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_whoever_asks_it_runs_in_the_one_thread_of_the_device():
    thread = DeviceThread(StandInDevice)
    seen = [
        thread.call(lambda device: (device, threading.current_thread())),
        in_another_thread(lambda: thread.call(lambda d: (d, threading.current_thread()))),
    ]
    thread.close()
    assert seen[0] == seen[1]
    device, where = seen[0]
    assert device.opened_in is device.closed_in is where is not threading.current_thread()
    assert not where.is_alive()


def test_errors_come_back_to_who_asked_and_the_thread_goes_on():
    thread = DeviceThread(StandInDevice)
    for error in (DeviceError("cuMemAlloc failed"), ValueError("ours"), KeyboardInterrupt()):

        def fails(device, error=error):
            raise error

        with pytest.raises(type(error)):
            thread.call(fails)
    assert thread.call(lambda device: 7) == 7
    thread.close()


def test_a_device_that_does_not_open_is_told_at_once():
    def none():
        raise MachineError("no CUDA-capable device")

    with pytest.raises(MachineError, match="no CUDA-capable"):
        DeviceThread(none)


def test_a_device_that_does_not_close_is_told_once():
    thread = DeviceThread(lambda: StandInDevice(fails_to_close=True))
    with pytest.raises(DeviceError, match="cuCtxDestroy"):
        thread.close()
    thread.close()
    with pytest.raises(DeviceError, match="after it was closed"):
        thread.call(lambda device: 7)


def test_work_that_would_wait_for_itself_is_refused():
    thread = DeviceThread(StandInDevice)
    with pytest.raises(DeviceError, match="waits for itself"):
        thread.call(lambda device: thread.call(lambda again: 7))
    thread.close()


def test_the_thread_keeps_no_result():
    class Held:
        pass

    thread = DeviceThread(StandInDevice)
    held = thread.call(lambda device: Held())
    gone = weakref.ref(held)
    del held
    thread.call(lambda device: None)
    gc.collect()
    assert gone() is None
    thread.close()


@pytest.fixture
def devices(monkeypatch):
    """Every device that the shared thread opens."""
    opened = []

    def open_one():
        opened.append(StandInDevice())
        return opened[-1]

    monkeypatch.setattr(DeviceThread.__init__, "__defaults__", (open_one,))
    yield opened
    tensorrt_thread._close_shared()


def test_the_device_is_shared_and_closed_after_its_last_user(devices):
    one, other = object(), object()
    assert borrow_thread(one) is borrow_thread(other)
    return_thread(one)
    return_thread(one)
    assert len(devices) == 1 and devices[0].closed_in is None
    with device_in_use():
        return_thread(other)
        assert devices[0].closed_in is None
    assert devices[0].closed_in is devices[0].opened_in
    with device_in_use() as thread:
        assert thread.call(lambda device: device) is devices[1]


def test_what_nobody_returned_is_closed_at_the_end_of_the_process(devices):
    borrow_thread(object())
    tensorrt_thread._close_shared()
    assert devices[0].closed_in is not None
