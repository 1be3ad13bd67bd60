"""What the tests run on the emulated driver: `python programs.py NAME FOLDER BINDING ...`.

Each program asserts by itself; a child process that ends with 0 has passed.
"""

import atexit
import contextlib
import ctypes
import sys
import threading
from pathlib import Path

import numpy as np
from emulator import OUT_OF_MEMORY, Emulator, compile_kernels
from pipeline import BLOCK, GRID, KERNELS, SIZE, Pipeline, expected, frame_of, graph_frames

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.cuda.failures import CaptureError, DeviceError, OutOfMemory
from leukoscope.runtime.backends.cuda.opening import open_device

FOLDER, ARGUMENTS = Path(sys.argv[2]), sys.argv[3:]
HOST_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
RELEASES = (
    "cuMemFree", "cuMemFreeHost", "cuStreamDestroy", "cuEventDestroy", "cuGraphDestroy", "cuGraphExecDestroy",
    "cuModuleUnload", "cuCtxDestroy", "cuCtxDetach",
)  # fmt: skip


def opened():
    return open_device(binding=ARGUMENTS[0])


def raises(kind, work, *words):
    try:
        work()
    except kind as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def facts():
    with opened() as device:
        found = device.facts
        assert found.name == "Emulated CUDA device" and found.binding == ARGUMENTS[0]
        assert found.compute_capability == (8, 9) and found.integrated
        assert found.driver_version == (12, 6) and found.total_bytes == 64 << 20
        before = device.free_bytes()
        memory = device.memory(1 << 20)
        assert before == 64 << 20 and before - device.free_bytes() == 1 << 20
        memory.close()
        assert device.free_bytes() == before
    Emulator().assert_clean()


def copies():
    with opened() as device:
        stream = device.stream()
        host, back = device.pinned((3, 4), np.float32), device.pinned((3, 4), np.float32)
        memory = device.memory(host.size_bytes)
        host.array[:] = np.arange(12).reshape(3, 4)
        stream.copy_in(memory, host)
        stream.copy_out(back, memory)
        stream.synchronize()
        assert stream.done() and np.array_equal(back.array, host.array)
        host.array[:] = -1
        stream.copy_in(memory, host, 16)
        stream.copy_out(back, memory, 24)
        stream.synchronize()
        assert back.array.ravel().tolist() == [-1] * 4 + list(range(4, 12))
        stream.fill(memory, 0, 8)
        stream.copy_out(back, memory)
        stream.synchronize()
        assert back.array.ravel().tolist()[:3] == [0, 0, -1]
        raises(LeukoscopeError, lambda: stream.copy_in(memory, host, 49), "49 bytes", "at most 48")
        kept = host.array, back.array
    Emulator().assert_clean()  # a view that somebody keeps holds nothing back
    del kept


def mapped():
    with opened() as device:
        stream, shared = device.stream(), device.mapped((2, 50), np.uint8)
        stream.fill(shared, 9, 60)
        stream.synchronize()
        assert (shared.array.ravel()[:60] == 9).all() and (shared.array.ravel()[60:] == 0xCD).all()
        assert shared.address != shared.array.ctypes.data
        plain = device.pinned((4,), np.uint8)
        assert not hasattr(plain, "address")
    Emulator().assert_clean()


def events():
    with opened() as device:
        first, second = device.stream(), device.stream()
        start, end, plain = device.event(timed=True), device.event(timed=True), device.event()
        host, back = device.pinned((SIZE,), np.uint8), device.pinned((SIZE,), np.uint8)
        memory = device.memory(SIZE)
        plain.synchronize()
        assert plain.done()
        for frame in range(20):
            host.array[:] = frame_of(frame)
            first.record(start)
            first.copy_in(memory, host)
            first.record(end)
            second.wait(end)
            second.copy_out(back, memory)
            second.record(plain)
            plain.synchronize()
            assert plain.done() and end.done() and np.array_equal(back.array, frame_of(frame))
            assert 0 <= start.elapsed_ms(end) < 10_000
        raises(DeviceError, lambda: start.elapsed_ms(plain), "cuEventElapsedTime")
    Emulator().assert_clean()


def kernels():
    image = compile_kernels(FOLDER, KERNELS)
    with opened() as device:
        module, stream = device.module(image), device.stream()
        shared_in, shared_out = device.mapped((SIZE,), np.uint8), device.mapped((SIZE,), np.uint8)
        shared_in.array[:], shared_out.array[:] = frame_of(5), 0
        affine = module.kernel("affine")
        affine.launch(
            stream, (1, 1, 1), BLOCK, [shared_out, shared_in, np.int32(SIZE), np.float32(3)]
        )
        stream.synchronize()
        assert (shared_out.array[:256] == expected(5)[:256]).all() and not shared_out.array[
            256:
        ].any()
        raises(DeviceError, lambda: module.kernel("absent"), "cuModuleGetFunction", "named symbol")
        raises(
            DeviceError, lambda: device.module(b"no image at all\0"), "cuModuleLoadData", "kernel"
        )
        raises(
            DeviceError, lambda: affine.launch(stream, GRID, (2000, 1, 1), []), "invalid argument"
        )
        module.close()
        raises(DeviceError, lambda: affine.launch(stream, GRID, BLOCK, []), "after it was closed")
    Emulator().assert_clean()


def graphs():
    image = compile_kernels(FOLDER, KERNELS)
    with opened() as device:
        assert graph_frames(device, image, 50) == 0
        fork_and_join(device)
        host_function_replays(device)
    Emulator().assert_clean()


def fork_and_join(device):
    first, second = device.stream(), device.stream()
    forked, joined = device.event(), device.event()
    host, memory = device.pinned((8,), np.uint8), device.memory(8)

    def work():
        first.fill(memory, 1)
        first.record(forked)
        second.wait(forked)
        second.fill(memory, 2, 4)
        second.record(joined)
        first.wait(joined)
        first.copy_out(host, memory)

    graph = first.capture(work)
    for _ in range(20):
        host.array[:] = 0
        first.launch(graph)
        first.synchronize()
        assert host.array.tolist() == [2, 2, 2, 2, 1, 1, 1, 1]

    def left_apart():
        first.record(forked)
        second.wait(forked)
        second.fill(memory, 3)

    raises(CaptureError, lambda: first.capture(left_apart), "cuStreamEndCapture", "without one")
    second.fill(memory, 0)
    device.synchronize()


def host_function_replays(device):
    emulator, seen = Emulator(), []
    stream = device.stream()
    function = HOST_FUNCTION(seen.append)
    graph = stream.capture(lambda: emulator.host_function(stream.handle, function, 7))
    assert seen == []
    passed = device.event()
    waits = (stream.synchronize, passed.synchronize, device.synchronize, graph.close)
    for count, wait in enumerate(waits, 1):
        stream.launch(graph)
        stream.record(passed)
        wait()  # without holding the interpreter, which the host function needs
        assert seen == [7] * count
    emulator.host_function(stream.handle, function, 8)
    stream.close()
    assert seen[-1] == 8


def captures_that_fail():
    with opened() as device:
        stream, memory = device.stream(), device.memory(8)
        raises(
            CaptureError,
            lambda: stream.capture(lambda: device.memory(8)),
            "cuMemAlloc",
            "CUDA graph",
        )
        raises(CaptureError, lambda: stream.capture(stream.synchronize), "cuStreamSynchronize")
        raises(CaptureError, lambda: stream.capture(device.synchronize), "cuCtxSynchronize")
        raises(KeyError, lambda: stream.capture({}.popitem))
        other = device.event()
        device.stream().record(other)
        raises(
            CaptureError, lambda: stream.capture(lambda: stream.wait(other)), "cuStreamWaitEvent"
        )
        for call in ("cuStreamBeginCapture", "cuStreamEndCapture", "cuGraphInstantiateWithFlags"):
            Emulator().fail(call)
            raises(DeviceError, lambda: stream.capture(lambda: stream.fill(memory, 0)), call[:18])
        graph = stream.capture(lambda: stream.fill(memory, 1))
        stream.launch(graph)
        stream.synchronize()
    Emulator().assert_clean()


def frames():
    image, count = compile_kernels(FOLDER, KERNELS), int(ARGUMENTS[1])
    emulator = Emulator()
    with opened() as device:
        pipeline = Pipeline(device, image)
        pipeline.run(10)
        held, resident = emulator.live(), resident_bytes()
        assert pipeline.run(count) == 0
        assert emulator.live() == held
        assert graph_frames(device, image, count) == 0
        assert emulator.live() == held
        assert resident_bytes() - resident < 8 << 20
    emulator.assert_clean()


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def omission():
    """Prints `seen` where the run without the synchronisation ARGUMENTS[1] is not right."""
    image, emulator = compile_kernels(FOLDER, KERNELS), Emulator()
    with opened() as device:
        wrong = Pipeline(device, image, omit=ARGUMENTS[1]).run(int(ARGUMENTS[2]))
        device.synchronize()
    print("seen" if wrong or emulator.violations() else "unseen")


def hasty_close():
    """Releases what is at work, without waiting where ARGUMENTS[1] says so; prints what the driver saw."""
    with contextlib.suppress(DeviceError), opened() as device:
        stream, host, memory = (
            device.stream(),
            device.pinned((SIZE,), np.uint8),
            device.memory(SIZE),
        )
        if ARGUMENTS[1] == "omit":
            device.driver.synchronize = lambda: None
        for _ in range(10):
            stream.copy_in(memory, host)
        if ARGUMENTS[2] == "memory":
            memory.close()
            stream.synchronize()
    print("\n".join(Emulator().violations()))


def scenario(image):
    with opened() as device:
        device.free_bytes()
        graph_frames(device, image, 2)
        assert Pipeline(device, image).run(3) == 0
        shared = device.mapped((64,), np.uint8)
        assert shared.address
        start, end = device.event(timed=True), device.event(timed=True)
        stream = device.stream()
        stream.record(start)
        stream.record(end)
        end.synchronize()
        start.elapsed_ms(end)
        assert stream.done() and end.done()


def failure_at_every_call():
    """Each call of the scenario fails in turn; prints the functions that failed."""
    image, emulator = compile_kernels(FOLDER, KERNELS), Emulator()
    scenario(image)
    emulator.forget()
    scenario(image)
    failed = set()
    for nth in range(1, emulator.calls() + 1):
        emulator.forget()
        emulator.fail(nth=nth)
        abandoned = emulator.abandoned()
        try:
            scenario(image)
            silent = True
        except DeviceError as error:
            silent = False
            call = emulator.failed()
            assert error.exit_code == 4 and error.call.removesuffix("_v2") in call, (
                f"{call}: {error}"
            )
            assert error.call in str(error)
        call = emulator.failed()
        failed.add(call)
        # pycuda prints what fails while it releases something; nothing can be raised there.
        assert not silent or (call in RELEASES and ARGUMENTS[0] == "pycuda"), call
        assert emulator.live() == {} and emulator.violations() == [], call
        # After a failed synchronisation the context takes all along.
        assert emulator.abandoned() == abandoned or call == "cuCtxSynchronize", call
    emulator.forget()
    scenario(image)
    print("\n".join(sorted(failed)))


def failure_at_every_work():
    """Device work fails when it runs: told at the next wait, everything freed all the same."""
    image, emulator = compile_kernels(FOLDER, KERNELS), Emulator()
    told = 0
    for nth in range(1, 13):
        emulator.fail_work(nth)
        error = raises(DeviceError, lambda: scenario(image), "the CUDA driver's cu", "start again")
        told += error.code == "CUDA_ERROR_LAUNCH_FAILED"
        assert emulator.live() == {} and emulator.violations() == [], nth
    assert told == 12
    emulator.fail_work(0)
    scenario(image)


def out_of_memory():
    emulator = Emulator()
    with opened() as device:
        held = [device.memory(30 << 20), device.pinned((20 << 20,), np.uint8)]
        error = raises(OutOfMemory, lambda: device.memory(20 << 20), "cuMemAlloc", "smaller batch")
        assert error.code == "CUDA_ERROR_OUT_OF_MEMORY" and error.exit_code == 4
        raises(OutOfMemory, lambda: device.mapped((20 << 20,), np.uint8), "cuMemHostAlloc")
        held.pop().close()
        device.memory(20 << 20).close()
        emulator.fail("cuStreamCreate", code=OUT_OF_MEMORY)
        raises(OutOfMemory, device.stream, "cuStreamCreate")
    emulator.assert_clean()


def threads():
    with opened() as device:
        stream, memory, host = device.stream(), device.memory(8), device.pinned((8,), np.uint8)
        uses = (device.stream, device.free_bytes, device.close, stream.synchronize, stream.close,
                lambda: memory.address, lambda: host.array, lambda: stream.fill(memory, 0))  # fmt: skip
        for use in uses:
            error = in_thread(lambda use=use: raises(DeviceError, use, "MainThread", "worker"))
            assert "open the device in the thread that uses it" in str(error)
        stream.fill(memory, 1)
        raises(DeviceError, opened, "open already", "share")
        in_thread(in_its_own_thread)
        stream.copy_out(host, memory)
        stream.synchronize()
        assert host.array.tolist() == [1] * 8
    for use in uses[:2] + uses[3:4]:
        raises(DeviceError, use, "after it was closed")
    device.close()
    Emulator().assert_clean()
    with opened() as again:
        again.synchronize()


def in_its_own_thread():
    with opened() as device:
        stream, memory, host = device.stream(), device.memory(8), device.pinned((8,), np.uint8)
        stream.fill(memory, 5)
        stream.copy_out(host, memory)
        stream.synchronize()
        assert host.array.tolist() == [5] * 8


def in_thread(work):
    outcome = []

    def guarded():
        try:
            outcome.append(work())
        except BaseException as error:
            outcome.append(error)

    worker = threading.Thread(target=guarded, name="worker")
    worker.start()
    worker.join()
    if isinstance(outcome[0], BaseException) and not isinstance(outcome[0], DeviceError):
        raise outcome[0]
    return outcome[0]


def threads_at_once():
    """Four threads with a device each, as four pipelines would have."""
    image = compile_kernels(FOLDER, KERNELS)
    wrong, failed = [], []

    def work():
        try:
            with opened() as device:
                wrong.append(Pipeline(device, image).run(100))
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed, failed
    assert wrong == [0] * 4
    Emulator().assert_clean()


def error_passes_through():
    """An error in the middle frees everything and is not replaced by one of the release."""

    def fails():
        with opened() as device:
            device.stream().fill(device.memory(1000), 0)
            Emulator().fail("cuMemFree")
            raise ValueError("ours")

    raises(ValueError, fails, "ours")
    Emulator().assert_clean()


def left_open():
    """A thread ends, and then the program, with a device open and work on it."""
    opening = threading.Thread(target=open_and_leave)
    opening.start()
    opening.join()
    Emulator().assert_clean()
    atexit.register(lambda: print(Emulator().live(), Emulator().violations()))
    open_and_leave()


def open_and_leave():
    device = opened()
    device.stream().fill(device.memory(1000), 0)


def no_device():
    error = raises(DeviceError, opened, "cuInit", "no CUDA-capable device", "nvidia-smi")
    assert error.exit_code == 4


def old_driver():
    """cuda-python finds its functions by name; one that the driver is too old for is no stack trace."""
    error = raises(DeviceError, opened, "driver", "update NVIDIA's driver")
    assert error.exit_code == 4


def no_binding():
    error = raises(LeukoscopeError, lambda: open_device(binding=ARGUMENTS[0]), "pip install pycuda")
    assert error.exit_code == 4
    print(error)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
