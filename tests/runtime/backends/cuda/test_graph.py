import pytest

from leukoscope.runtime.backends.cuda.failures import CaptureError, DeviceError

INVALIDATED = "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"


def captured(driver):
    return [name for name in driver.names() if name not in ("facts", "make_context", "make_stream")]


def test_work_is_recorded_between_begin_and_end_and_launched(device, driver):
    stream, memory = device.stream(), device.memory(8)
    driver.log.clear()
    graph = stream.capture(lambda: stream.fill(memory, 1))
    assert captured(driver) == [
        "begin_capture",
        "address",
        "fill",
        "end_capture",
        "instantiate",
        "destroy_recording",
    ]
    stream.launch(graph)
    assert driver.log[-1] == ("launch_graph", graph.raw, stream.raw)
    graph.close()
    assert driver.names()[-1] == "destroy_graph"


def test_work_that_raises_ends_the_capture(device, driver):
    def work():
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        device.stream().capture(work)
    assert captured(driver) == ["begin_capture", "end_capture", "destroy_recording"]


def test_what_work_raises_is_not_replaced_by_the_broken_capture(device, driver):
    driver.failing["end_capture"] = INVALIDATED
    with pytest.raises(ZeroDivisionError):
        device.stream().capture(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("failing", "calls"),
    [
        ("begin_capture", ["begin_capture"]),
        ("end_capture", ["begin_capture", "end_capture"]),
        ("instantiate", ["begin_capture", "end_capture", "instantiate", "destroy_recording"]),
    ],
)
def test_what_cannot_be_recorded_says_so_and_leaves_nothing(device, driver, failing, calls):
    driver.failing[failing] = INVALIDATED
    with pytest.raises(CaptureError, match="run it without one"):
        device.stream().capture(lambda: None)
    assert captured(driver) == calls


def test_a_recording_that_does_not_go_leaves_the_graph_with_the_device(device, driver):
    driver.failing["destroy_recording"] = "CUDA_ERROR_UNKNOWN"
    with pytest.raises(DeviceError, match="destroy_recording"):
        device.stream().capture(lambda: None)
    device.close()
    assert driver.names().count("destroy_graph") == 1
