"""What the tests run over the emulated driver: `python programs.py NAME BINDING ...`.

Each program asserts by itself; a child process that ends with 0 has passed.
"""

import logging
import sys
import threading

import numpy as np
import tensorrt
from emulator import OUT_OF_MEMORY, Emulator
from toy_bundle import toy_graph

from leukoscope.errors import GateError, InputError, LeukoscopeError, MachineError, UsageError
from leukoscope.runtime.backends import tensorrt_thread
from leukoscope.runtime.backends.cuda.failures import DeviceError, OutOfMemory
from leukoscope.runtime.backends.cuda.opening import open_device
from leukoscope.runtime.backends.device_times import TellsTimes
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.backends.tensorrt_proof import EngineMismatchError, prove_engine
from leukoscope.runtime.engines.golden import GoldenSet
from leukoscope.runtime.engines.library import load_tensorrt

NAME, BINDING, ARGUMENTS = sys.argv[1], sys.argv[2], sys.argv[3:]
GRAPH = toy_graph("xincept_all")
LIBRARY = load_tensorrt("tensorrt")
REFERENCE = open_onnxruntime(GRAPH, "toy", "fp32", backend=CPU, threads=1)
PROFILE = (1, 2, 4)
WAITS = ("cuCtxSynchronize", "cuCtxGetCurrent", "cuEventSynchronize")

# The binding that the test asks for, wherever the device is opened.
tensorrt_thread.DeviceThread.__init__.__defaults__ = (lambda: open_device(binding=BINDING),)


def frames(count, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (count, 96, 96, 3), np.uint8)


def opened(prove=lambda infer, batch: None, **settings):
    plan = tensorrt._plan_of(GRAPH, PROFILE, **settings)
    return TensorRtBackend(LIBRARY, plan, "toy.fp32.onnx", "fp32", PROFILE[2], prove)


def reference(images):
    """As ONNX Runtime gives them, in the batches in which the engine runs them."""
    parts = [REFERENCE.infer(images[i : i + PROFILE[2]]) for i in range(0, len(images), PROFILE[2])]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def same(found, images):
    wanted = reference(images)
    return list(found) == list(wanted) and all(
        found[name].dtype == np.float32 and np.array_equal(found[name], wanted[name])
        for name in wanted
    )


def clean():
    Emulator().assert_clean()
    assert tensorrt._faults == [], tensorrt._faults


def raises(kind, work, *words):
    try:
        work()
    except kind as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def bit_equal():
    """Every batch size thrice: plain, recorded, replayed; more than fit at once; not contiguous; none."""
    with opened() as backend:
        assert (backend.name, backend.precision, backend.batch) == ("tensorrt", "fp32", 4)
        for count in (1, 3, 4, 2, 11):
            for seed in range(3):
                images = frames(count, 10 * count + seed)
                assert same(backend.infer(images), images), (count, seed)
        flipped = frames(4)[:, ::-1]
        assert same(backend.infer(flipped), flipped)
        empty = backend.infer(frames(0))
        assert {name: a.shape for name, a in empty.items()} == {
            name: (0, *a.shape[1:]) for name, a in reference(frames(1)).items()
        }
    clean()


def fixed_batch():
    """An engine that takes three frames and no other number: fewer are filled up, more are cut."""
    plan = tensorrt._plan_of(GRAPH, (3, 3, 3))
    with TensorRtBackend(LIBRARY, plan, "toy.fp32.onnx", "fp32", 3) as backend:
        for count in (1, 2, 3, 1, 7, 1):
            images = frames(count, count)
            found = backend.infer(images)
            for start in range(0, count, 3):
                part = images[start : start + 3]
                full = REFERENCE.infer(np.concatenate([part, *[part[:1]] * 2])[:3])
                for name, array in found.items():
                    wanted = full[name][: len(part)]
                    np.testing.assert_array_equal(array[start : start + 3], wanted)
    assert set(tensorrt._executions) == {3}
    clean()


def timed():
    """Results are the same, and the device's times are those of its copies; none where nothing is copied."""
    copied = "shared" not in ARGUMENTS
    with opened() as backend:
        assert isinstance(backend, TellsTimes)
        for count in (1, 4, 11, 4):
            images = frames(count, count)
            found, times = backend.infer_timed(images)
            assert same(found, images), count
            assert times.engine_ms > 0, times
            assert (times.copy_in_ms is not None) == (times.copy_out_ms is not None) == copied
            if copied:
                assert times.copy_in_ms > 0 and times.copy_out_ms > 0, times
            assert same(backend.infer(images), images)
        assert backend.infer_timed(frames(0))[1].engine_ms == 0
    clean()


def layer_times():
    """The profiler's times by layer and call; the backend works on, and nothing is left of what was made for it."""
    with opened() as backend:
        before = backend.infer(frames(2))
        times = backend.layer_times(frames(3), 5)
        names = list(times.calls[0])
        assert names[:1] == ["cast"] and len(names) == len(set(names)) > 3, names
        assert len(times.calls) == 5 and all(list(call) == names for call in times.calls)
        assert list(times.calls[4].values()) == [0.5 + place for place in range(len(names))]
        assert tensorrt._executions[-5:] == [1] * 5
        after = backend.infer(frames(2))
        assert all(np.array_equal(before[name], after[name]) for name in before)
        raises(InputError, lambda: backend.layer_times(frames(1)[:, :8], 1), "fails on frames")
    clean()


def many():
    """Two batches in flight; a plain `infer` in between; an iterator that is left early."""
    sizes = (1, 4, 4, 9, 0, 2, 4, 1, 1, 1)
    batches = [frames(count, seed) for seed, count in enumerate(sizes)]
    with opened() as backend:
        for batch, found in zip(batches, backend.infer_many(iter(batches)), strict=True):
            assert not len(batch) or same(found, batch), len(batch)
            assert same(backend.infer(batches[0]), batches[0])
        early = backend.infer_many(batches)
        next(early)
        early.close()
        assert same(backend.infer(batches[1]), batches[1])
        first, second = backend.infer_many(batches[:4]), backend.infer_many(batches[:4])
        next(first)
        raises(UsageError, lambda: next(second), "in flight")
        assert same(next(first), batches[1])
        first.close()
    clean()
    for rounds in (1, 3):
        with opened() as backend:
            for _ in range(rounds):
                left = backend.infer_many(batches[:4])
                next(left)
        left.close()
        clean()


def overlaps():
    """The copy of the next batch is on its stream before the batch under way is waited for."""
    emulator, seen = Emulator(), []
    with opened() as backend:
        backend.infer(frames(1))

        def watched():
            for seed in range(4):
                yield frames(1, seed)
                seen.append(
                    (emulator.calls("cuMemcpyHtoDAsync"), emulator.calls("cuEventSynchronize"))
                )

        emulator.forget()
        list(backend.infer_many(watched()))
    assert seen[1] == (2, 1) or seen[1] == (2, 0), seen
    assert emulator.calls("cuMemcpyHtoDAsync") == 4
    clean()


def shared_memory():
    """Where the device shares the processor's memory nothing is copied."""
    with opened() as backend:
        for seed in range(6):
            images = frames(1 + seed % 4, seed)
            assert same(backend.infer(images), images)
        batches = [frames(2, seed) for seed in range(6)]
        for batch, found in zip(batches, backend.infer_many(batches), strict=True):
            assert same(found, batch)
    emulator = Emulator()
    assert emulator.calls("cuMemcpyHtoDAsync") == emulator.calls("cuMemcpyDtoHAsync") == 0
    clean()


def graphs():
    """The second launch of a batch size records a graph, later ones replay it; a fifth size gets none."""
    emulator = Emulator()
    with opened() as backend:
        for seed in range(5):
            backend.infer(frames(1, seed))
        assert emulator.calls("cuStreamBeginCapture") == 1
        assert emulator.calls("cuGraphLaunch") == 4
        assert tensorrt._executions == [1] * 5
    clean()


def no_graphs():
    """An engine that cannot be recorded runs all the same, and is not asked again."""
    emulator = Emulator()
    with opened(refuses="capture") as backend:
        for seed in range(5):
            images = frames(2, seed)
            assert same(backend.infer(images), images)
    assert emulator.calls("cuStreamBeginCapture") == 1 and not emulator.calls("cuGraphLaunch")
    clean()


def threads():
    """Opened here, used elsewhere; two backends on one device; both closed from other threads."""
    first, second = opened(), opened()
    wrong = []

    def work(backend, seed):
        for step in range(6):
            images = frames(1 + (seed + step) % 4, 10 * seed + step)
            if not same(backend.infer(images), images):
                wrong.append((seed, step))

    pool = [threading.Thread(target=work, args=((first, second)[i % 2], i)) for i in range(4)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    assert not wrong, wrong
    assert Emulator().live()["context"] == 1
    first.close()
    images = frames(2)
    assert same(second.infer(images), images)
    raises(DeviceError, lambda: first.infer(images), "closed")
    closing = threading.Thread(target=second.close)
    closing.start()
    closing.join()
    clean()
    with opened() as again:
        assert same(again.infer(images), images)
    clean()


def left_open():
    """A process that ends without closing anything ends well; a result outlives its backend."""
    backend = opened()
    with opened() as closed:
        found = closed.infer(frames(2))
    assert same(found, frames(2))
    assert same(backend.infer(frames(3)), frames(3))
    print("done", flush=True)


def smaller_batch():
    """Batches of four do not fit, batches of two do."""
    need = 900_000
    with opened(scratch_bytes=need) as backend:
        assert backend.batch == 2
        assert len(backend.notes) == 1 and "batches of at most 2" in backend.notes[0]
        images = frames(7)
        assert all(
            np.array_equal(a, np.concatenate([REFERENCE.infer(images[i : i + 2])[n] for i in (0, 2, 4, 6)]))
            for n, a in backend.infer(images).items()
        )  # fmt: skip
    clean()
    error = raises(OutOfMemory, lambda: opened(scratch_bytes=4 * need), "cuMemAlloc", "smaller")
    assert error.exit_code == 4
    clean()
    raises(OutOfMemory, lambda: opened(refuses="context"), "out of memory", "close what else")
    clean()


def smaller_batch_later():
    """Memory that is short in the middle: one line, and the batch again, smaller."""
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger("leukoscope").addHandler(handler)
    images = frames(4)
    with opened() as backend:
        assert same(backend.infer(images), images)
        emulator = Emulator()
        emulator.fail("cuLaunchHostFunc", code=OUT_OF_MEMORY)
        real = tensorrt.IExecutionContext.execute_async_v3

        def runs_out(context, stream_handle):
            tensorrt.IExecutionContext.execute_async_v3 = real
            context._engine._logger.log(tensorrt.ILogger.ERROR, "CUDA error 2: out of memory")
            return False

        tensorrt.IExecutionContext.execute_async_v3 = runs_out
        emulator.fail("")
        emulator.forget()
        found = backend.infer(frames(3, 5))
        assert len(found["probabilities"]) == 3 and backend.batch == 2
    assert len(said) == 1 and "at most 2" in said[0], said
    clean()


def failure_at_every_call():
    """Each call of the driver fails in turn: our error or a good result, and nothing is left."""
    emulator, names, nth = Emulator(), set(), 0
    images = frames(3, 9)
    while True:
        nth += 1
        emulator.forget()
        emulator.fail("", nth)
        try:
            with opened() as backend:
                for _ in range(2):
                    assert same(backend.infer(images), images), f"call {nth}: {emulator.failed()}"
        except LeukoscopeError as error:
            assert error.exit_code == 4, error
        failed = emulator.failed()
        emulator.fail("", 1 << 30)
        assert emulator.live() == {}, f"call {nth}, {failed}: {emulator.live()}"
        if not failed:
            break
        names.add(failed)
        # Where waiting itself fails, what is released may still be at work.
        assert not tensorrt._faults or failed in WAITS, (failed, tensorrt._faults)
        tensorrt._faults.clear()
    print(nth, *sorted(names))


def device_work_fails():
    """The device fails while it works: the error is ours, the backend is over, and another one opens."""
    emulator = Emulator()
    with opened() as backend:
        backend.infer(frames(1))
        emulator.fail_work(1)
        error = raises(DeviceError, lambda: backend.infer(frames(1)))
        # Seen by the call that comes next, whichever that is.
        assert "CUDA_ERROR_LAUNCH_FAILED" in str(error) or error.call == "execute_async_v3", error
        raises(DeviceError, lambda: backend.infer(frames(1)), "after it was closed")
    assert emulator.live() == {}
    with opened() as again:
        assert same(again.infer(frames(1)), frames(1))
    assert emulator.live() == {}


def refusals():
    error = raises(
        DeviceError, lambda: opened(refuses="deserialize"), "another version", "--rebuild"
    )
    assert error.call == "deserialize_cuda_engine"
    with opened(refuses="execute") as backend:
        raises(DeviceError, lambda: backend.infer(frames(1)), "execute_async_v3", "execute failed")
    with opened() as backend:
        raises(
            LeukoscopeError, lambda: backend.infer(np.zeros((1, 8, 8, 3), np.uint8)), "[1, 8, 8, 3]"
        )
        raises(
            LeukoscopeError, lambda: backend.infer(np.zeros((1, 96, 96, 3), np.float32)), "float32"
        )
        assert same(backend.infer(frames(1)), frames(1))
    clean()


def golden():
    """A good engine passes; one whose output is off, and one whose graph does nothing, do not."""
    images = frames(2, 77)
    outputs = REFERENCE.infer(images)
    known = GoldenSet("fp32", images, outputs)

    def prove(infer, batch):
        prove_engine("xincept_all", known, infer, batch)

    with opened(prove) as backend:
        assert tensorrt._executions == [4, 1, 1, 1, 1]
        assert same(backend.infer(images), images)
    for name in outputs:
        error = raises(EngineMismatchError, lambda name=name: opened(prove, wrong=name), name)
        assert isinstance(error, GateError) and error.faults[0].output == name
    raises(EngineMismatchError, lambda: opened(prove, stale=True), "golden")
    clean()


def overlays():
    """The kernel draws what the processor draws, from what is on the device; without a compiler the processor does."""
    import tempfile
    from pathlib import Path

    import host_kernel

    from leukoscope.runtime.backends import tensorrt_overlay
    from leukoscope.runtime.backends.kernels.heat import draw_on_host, enlarge

    def no_compiler(*_):
        raise MachineError("neither NVRTC nor nvcc")

    emulator, images = Emulator(), frames(3, 4)
    library = host_kernel.build(Path(tempfile.mkdtemp()))
    compilers = {"kernel": lambda *_: library.read_bytes(), "none": no_compiler}
    for which, compiler in compilers.items():
        tensorrt_overlay.compile_for = compiler
        with opened() as backend:
            raises(UsageError, lambda: backend.overlays([0], [1.0]), "inferred last")
            cams = backend.infer(images)["cams"]
            classes = [1, 3, 0]
            highs = [float(enlarge(cams[i, k], 96).max()) for i, k in enumerate(classes)]
            wanted = [draw_on_host(images[i], cams[i, k], highs[i]) for i, k in enumerate(classes)]
            for _ in range(2):
                found = backend.overlays(classes, highs)
                assert found.shape == images.shape and found.dtype == np.uint8
                assert np.abs(found.astype(int) - np.stack(wanted)).max() <= 1, which
            raises(UsageError, lambda: backend.overlays([0], [1.0]), "the 3")
            raises(UsageError, lambda: backend.overlays([0, 4, 0], [1.0] * 3), "0 to 3")
            assert same(backend.infer(images), images)
        assert emulator.calls("cuLaunchKernel") == 6, which
        clean()


def long_run():
    """Memory and handles are those of the start after many frames."""
    emulator = Emulator()
    with opened() as backend:
        list(backend.infer_many(frames(1 + seed // 6, seed) for seed in range(24)))
        before = emulator.live()
        assert before["graph"] == 8, before
        many_frames = (frames(1 + seed % 4, seed) for seed in range(int(ARGUMENTS[0])))
        assert sum(len(found["cams"]) for found in backend.infer_many(many_frames)) > 0
        assert emulator.live() == before, (before, emulator.live())
    clean()


def without():
    """A wait that is left out shows: `python programs.py without BINDING WHICH` must find a difference."""
    from leukoscope.runtime.backends.cuda.stream import Event, Stream

    which = ARGUMENTS[0]
    real_wait, real_synchronize = Stream.wait, Event.synchronize
    count = [0]

    def wait(stream, event):
        count[0] += 1
        first = count[0] % 2 == 1  # the compute stream waits first, then the download stream
        if (which == "uploaded" and first) or (which == "computed" and not first):
            return
        real_wait(stream, event)

    def synchronize(event):
        if which != "downloaded":
            real_synchronize(event)

    with opened() as backend:
        Stream.wait, Event.synchronize = wait, synchronize
        wrong = 0
        for seed in range(6):
            images = frames(2, seed)
            wrong += not same(backend.infer(images), images)
        Stream.wait, Event.synchronize = real_wait, real_synchronize
    assert bool(wrong) == (which != "nothing"), (which, wrong)


if __name__ == "__main__":
    globals()[NAME]()
