"""The CUDA interface on a real device: copies, order, graphs, shared memory, and that all of it comes back."""

import numpy as np
import pytest

from leukoscope.runtime.backends.cuda.failures import OutOfMemory
from leukoscope.runtime.backends.cuda.opening import open_device

pytestmark = pytest.mark.gpu

SIZE_BYTES = 16 << 20
FRAMES = 200


def filled(device, seed=0):
    host = device.pinned((SIZE_BYTES,), np.uint8)
    host.array[:] = np.random.default_rng(seed).integers(0, 256, SIZE_BYTES, dtype=np.uint8)
    return host


def test_what_is_copied_in_comes_out(device, figure):
    source, target = filled(device), device.pinned((SIZE_BYTES,), np.uint8)
    memory, stream = device.memory(SIZE_BYTES), device.stream()
    start, middle, end = (device.event(timed=True) for _ in range(3))
    stream.record(start)
    stream.copy_in(memory, source)
    stream.record(middle)
    stream.copy_out(target, memory)
    stream.record(end)
    end.synchronize()
    assert np.array_equal(source.array, target.array)
    figure("host_to_device_gb_per_s", SIZE_BYTES / start.elapsed_ms(middle) / 1e6)
    figure("device_to_host_gb_per_s", SIZE_BYTES / middle.elapsed_ms(end) / 1e6)


def test_one_stream_waits_for_another(device):
    source, target = filled(device), device.pinned((SIZE_BYTES,), np.uint8)
    memory, first, second = device.memory(SIZE_BYTES), device.stream(), device.stream()
    ready = device.event()
    for value in range(20):
        source.array[:] = value
        first.copy_in(memory, source)
        first.record(ready)
        second.wait(ready)
        second.copy_out(target, memory)
        second.synchronize()
        assert (target.array == value).all(), value


def test_a_graph_runs_again_on_new_data(device):
    source, target = filled(device), device.pinned((SIZE_BYTES,), np.uint8)
    memory, stream = device.memory(SIZE_BYTES), device.stream()

    def work():
        stream.copy_in(memory, source)
        stream.copy_out(target, memory)

    graph = stream.capture(work)
    for value in range(5):
        source.array[:] = value
        stream.launch(graph)
        stream.synchronize()
        assert (target.array == value).all(), value


def test_shared_memory_needs_no_copy(device):
    if not device.facts.integrated:
        pytest.skip("the device has memory of its own")
    mapped, stream = device.mapped((SIZE_BYTES,), np.uint8), device.stream()
    stream.fill(mapped, 7)
    stream.synchronize()
    assert (mapped.array == 7).all()


def test_too_much_memory_is_out_of_memory_and_the_device_lives_on(device):
    with pytest.raises(OutOfMemory):
        device.memory(device.facts.total_bytes * 4)
    stream, memory = device.stream(), device.memory(1024)
    stream.fill(memory, 1)
    stream.synchronize()


def test_memory_comes_back(device, figure):
    stream = device.stream()
    free = []
    for frame in range(FRAMES):
        with device.pinned((1 << 20,), np.uint8) as host, device.memory(1 << 20) as memory:
            stream.copy_in(memory, host)
            stream.synchronize()
        if frame in (FRAMES // 2, FRAMES - 1):
            free.append(device.free_bytes())
    figure("lost_bytes", free[0] - free[1])
    assert free[0] - free[1] < 64 << 20, (
        "a board's free memory wavers by itself, but not by this much"
    )


@pytest.mark.parametrize("device", ["pycuda", "cuda-python"], indirect=True)
def test_a_device_is_opened_again_after_it_was_closed(device):
    binding = device.facts.binding
    device.close()
    for _ in range(3):
        with open_device(binding=binding) as again:
            assert again.free_bytes() > 0
