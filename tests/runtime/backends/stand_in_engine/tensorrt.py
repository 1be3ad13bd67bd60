"""A stand-in for the `tensorrt` module: its engines execute the ONNX file with ONNX Runtime, on the emulated driver.

It has no name that the real bindings lack (test_tensorrt_stand_in.py). A plan is one line of JSON and the graph. `execute_async_v3` puts a host function on the stream, so that a graph's replay executes again. It
is stricter than TensorRT where that finds faults: scratch memory that two executions share at a time is noticed.
"""

import ctypes
import enum
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).with_name("builder")))

from stand_in_builder import *  # noqa: F403
from stand_in_builder import EngineInspector

__version__ = "10.3.0"
_PATTERN = 0x5A
_HOST_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_faults = []
"""Rules of TensorRT that its user broke, for the tests to read."""
_executions = []
"""The batch size of each execution, in order."""
_jobs = []
"""Host functions that streams and graphs may still call."""


def _plan_of(graph, profile=(1, 2, 4), **settings):
    """A plan. Settings: `wrong` (an output that is off), `refuses` ("deserialize", "context", "execute", "capture"),
    `scratch_bytes` (of a frame), `stale` (replays do nothing).
    """
    head = {"profile": list(profile), "scratch_bytes": 4096, **settings}
    return json.dumps(head).encode() + b"\n" + graph


class DataType(enum.Enum):
    FLOAT = 0
    HALF = 1
    UINT8 = 7


class TensorIOMode(enum.Enum):
    INPUT = 1
    OUTPUT = 2


class ExecutionContextAllocationStrategy(enum.Enum):
    STATIC = 0
    USER_MANAGED = 2


class ILogger:
    class Severity(enum.Enum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2
        INFO = 3
        VERBOSE = 4

    INTERNAL_ERROR, ERROR, WARNING = Severity.INTERNAL_ERROR, Severity.ERROR, Severity.WARNING


class IProfiler:
    def __init__(self):
        pass

    def report_layer_time(self, layer_name, ms):
        raise NotImplementedError


class Runtime:
    def __init__(self, logger):
        assert isinstance(logger, ILogger)
        self._logger = logger

    def deserialize_cuda_engine(self, serialized_engine):
        head, _, graph = serialized_engine.partition(b"\n")
        settings = json.loads(head)
        if settings.get("refuses") == "deserialize":
            self._logger.log(ILogger.ERROR, "the engine was built by another version")
            return None
        return ICudaEngine(self._logger, settings, graph)


class ICudaEngine:
    def __init__(self, logger, settings, graph):
        from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
        from leukoscope.runtime.profiler.layers.graph import read_network_graph

        self._logger, self._settings = logger, settings
        self._backend = open_onnxruntime(graph, "stand-in", "fp32", backend=CPU, threads=1)
        self._inputs = self._backend._session.get_inputs()
        self._outputs = self._backend._session.get_outputs()
        self._layers = [node.name for node in read_network_graph(graph, "stand-in").nodes]
        self._tensors = {tensor.name: tensor for tensor in (*self._inputs, *self._outputs)}
        self._measured = {}
        self._in_context = _has_context()

    def __del__(self):
        if self._in_context:
            _check_release("an engine")

    def create_engine_inspector(self):
        return EngineInspector()

    @property
    def num_io_tensors(self):
        return len(self._tensors)

    def get_tensor_name(self, index):
        return list(self._tensors)[index]

    def get_tensor_mode(self, name):
        return TensorIOMode.INPUT if name == self._inputs[0].name else TensorIOMode.OUTPUT

    def get_tensor_dtype(self, name):
        kinds = {"tensor(uint8)": DataType.UINT8, "tensor(float)": DataType.FLOAT}
        return kinds.get(self._tensors[name].type, DataType.HALF)

    def get_tensor_profile_shape(self, name, profile_index):
        assert profile_index == 0
        return [(batch, *self._tensors[name].shape[1:]) for batch in self._settings["profile"]]

    def create_execution_context(self, strategy=ExecutionContextAllocationStrategy.STATIC):
        assert strategy == ExecutionContextAllocationStrategy.USER_MANAGED
        if self._settings.get("refuses") == "context":
            self._logger.log(ILogger.ERROR, "cudaMalloc: out of memory")
            return None
        return IExecutionContext(self)

    def _shapes(self, batch):
        """Of all outputs, found by a run."""
        if batch not in self._measured:
            frames = np.zeros((batch, *self._inputs[0].shape[1:]), np.uint8)
            outputs = self._backend.infer(frames)
            self._measured[batch] = {name: array.shape for name, array in outputs.items()}
        return self._measured[batch]


class IExecutionContext:
    def __init__(self, engine):
        self._engine, self._shape = engine, None
        self.profiler = None
        self._addresses, self._scratch, self._needed = {}, (0, 0), None
        self._runs, self._under_way = 0, [0]

    def __del__(self):
        _check_release("an execution context")
        if self._under_way[0]:
            _faults.append("an execution context is released while it executes")

    def set_input_shape(self, name, shape):
        least, _, most = self._engine.get_tensor_profile_shape(name, 0)
        if not least[0] <= shape[0] <= most[0] or tuple(shape[1:]) != tuple(most[1:]):
            return False
        self._shape, self._needed = tuple(shape), None
        return True

    def get_tensor_shape(self, name):
        if name == self._engine._inputs[0].name:
            return self._shape
        return self._engine._shapes(self._shape[0])[name]

    def update_device_memory_size_for_shapes(self):
        self._needed = self._shape[0] * self._engine._settings["scratch_bytes"]
        return self._needed

    def set_device_memory(self, memory, size):
        self._scratch = (memory, size)

    def set_tensor_address(self, name, memory):
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle):
        refuses = self._engine._settings.get("refuses")
        captures = _is_capturing(stream_handle)
        if refuses == "execute" or (refuses == "capture" and captures):
            self._engine._logger.log(ILogger.ERROR, f"{refuses} failed")
            return False
        if self._needed is None or self._scratch[1] < self._needed:
            _faults.append(f"scratch memory of {self._scratch[1]} bytes, {self._needed} needed")
        if set(self._addresses) != set(self._engine._tensors):
            _faults.append("tensors without an address")
        if captures and not self._runs:
            _faults.append("captured before the first execution")
        if captures and self._engine._settings.get("stale"):
            return True
        self._runs += 1
        shape, addresses, scratch = self._shape, dict(self._addresses), self._scratch[0]
        needed, shapes = self._needed, self._engine._shapes(self._shape[0])
        # Neither the context nor the engine: both must be free to go.
        backend, wrong, under_way = (
            self._engine._backend,
            self._engine._settings.get("wrong"),
            self._under_way,
        )
        under_way[0] += not captures
        profiler, layers = self.profiler, self._engine._layers

        def execute(_):
            try:
                _execute(
                    backend, wrong, shape, shapes, addresses, _view(scratch, (needed,), np.uint8)
                )
                if profiler is not None:  # after the execution, as TensorRT does
                    for place, name in enumerate(layers):
                        profiler.report_layer_time(name, 0.5 + place)
            except BaseException as error:
                _faults.append(f"{type(error).__name__}: {error}")
            under_way[0] -= not captures

        job = _HOST_FUNCTION(execute)
        _jobs.append(job)
        taken = _libcuda().cuLaunchHostFunc(ctypes.c_void_p(stream_handle), job, None) == 0
        under_way[0] -= not (taken or captures)
        return taken


def _execute(backend, wrong, shape, shapes, addresses, working):
    """In the stream's thread."""
    working[:] = _PATTERN
    outputs = backend.infer(_view(addresses["frames"], shape, np.uint8).copy())
    for name, array in outputs.items():
        value = array * 0.5 + 0.3 if name == wrong else array
        _view(addresses[name], shapes[name], array.dtype)[:] = value
    if not (working == _PATTERN).all():
        _faults.append("two executions used the same scratch memory")
    working[:] = 0
    _executions.append(shape[0])


def _has_context():
    current = ctypes.c_void_p()
    _libcuda().cuCtxGetCurrent(ctypes.byref(current))
    return bool(current.value)


def _check_release(what):
    """TensorRT's objects free device memory: where their CUDA context is not current, they cannot."""
    if not _has_context():
        _faults.append(f"{what} is released where no CUDA context is current")
        print(_faults[-1], file=sys.stderr)


def _view(address, shape, dtype):
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_uint8 * count).from_address(address), dtype).reshape(shape)


def _is_capturing(stream_handle):
    status = ctypes.c_int()
    _libcuda().cuStreamIsCapturing(ctypes.c_void_p(stream_handle), ctypes.byref(status))
    return bool(status.value)


def _libcuda():
    return ctypes.CDLL("libcuda.so.1")
