import threading

import pytest

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import DeviceError
from leukoscope.runtime.backends.cuda.last_resort import (
    close_with_thread,
    require_free_thread,
    stand_down,
)


def in_thread(work):
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def test_a_thread_that_ends_closes_in_that_thread():
    closed = []
    in_thread(lambda: close_with_thread(lambda: closed.append(threading.get_ident())))
    assert len(closed) == 1
    assert closed[0] != threading.get_ident()


def test_a_device_left_open_goes_with_its_thread(driver):
    def work():
        Device(driver).memory(8)

    in_thread(work)
    assert driver.names()[-3:] == ["synchronize", "free", "drop_context"]


def test_a_device_that_others_still_hold_goes_with_its_thread(driver):
    held = []
    in_thread(lambda: held.append(Device(driver)))
    assert driver.names()[-1] == "drop_context"
    with pytest.raises(DeviceError):
        held[0].check()


def test_closed_in_time_is_closed_once():
    closed = []

    def work():
        close_with_thread(lambda: closed.append(1))
        stand_down()
        require_free_thread()

    in_thread(work)
    assert closed == []


def test_a_failure_at_the_end_is_silent(driver, recwarn):
    def work():
        Device(driver)
        driver.failing["drop_context"] = "CUDA_ERROR_UNKNOWN"

    in_thread(work)
    assert driver.names()[-1] == "drop_context"
    assert not recwarn.list


def test_a_thread_with_one_open_is_not_free():
    close_with_thread(lambda: None)
    with pytest.raises(DeviceError, match="share that device"):
        require_free_thread()
    stand_down()
    require_free_thread()
