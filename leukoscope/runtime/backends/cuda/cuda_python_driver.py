"""The driver through NVIDIA's cuda-python (`cuda.bindings.driver`), where pycuda is not installed."""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.cuda.driver import DeviceFacts, Handle, Size
from leukoscope.runtime.backends.cuda.failures import driver_failure, missing_function
from leukoscope.runtime.backends.cuda.flags import (
    BLOCKING_EVENT,
    CONTEXT_FLAGS,
    MAPPED_HOST,
    NON_BLOCKING,
    UNTIMED_EVENT,
)

_CONTEXT_PARAMETERS_SINCE = 13000
"""The CUDA version from which on the binding's cuCtxCreate takes one argument more."""


@dataclass(frozen=True)
class _HostBlock:
    pointer: int
    view: NDArray[np.uint8]


class CudaPythonDriver:
    """See `Driver`. Raises ImportError where cuda-python or the driver library is missing."""

    binding = "cuda-python"

    def __init__(self) -> None:
        from cuda.bindings import driver

        self._cuda: Any = driver
        try:
            (code,) = driver.cuInit(0)
        except Exception as error:  # the classes for a missing library differ between releases
            raise ImportError(str(error)) from None
        self._check(code, driver.cuInit)

    def facts(self, ordinal: int) -> DeviceFacts:
        device = self._call(self._cuda.cuDeviceGet, ordinal)
        version = self._call(self._cuda.cuDriverGetVersion)
        attribute = self._cuda.CUdevice_attribute
        major, minor, integrated = (
            self._call(self._cuda.cuDeviceGetAttribute, kind, device)
            for kind in (
                attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
                attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
                attribute.CU_DEVICE_ATTRIBUTE_INTEGRATED,
            )
        )
        return DeviceFacts(
            name=self._call(self._cuda.cuDeviceGetName, 256, device)
            .split(b"\0")[0]
            .decode(errors="replace"),
            compute_capability=(major, minor),
            integrated=bool(integrated),
            driver_version=(version // 1000, version % 1000 // 10),
            total_bytes=self._call(self._cuda.cuDeviceTotalMem, device),
            binding=self.binding,
        )

    def make_context(self, ordinal: int) -> Handle:
        device = self._call(self._cuda.cuDeviceGet, ordinal)
        parameters = (None,) if self._cuda.CUDA_VERSION >= _CONTEXT_PARAMETERS_SINCE else ()
        return self._call(self._cuda.cuCtxCreate, *parameters, CONTEXT_FLAGS, device)

    def drop_context(self, context: Handle) -> None:
        self._call(self._cuda.cuCtxDestroy, context)

    def synchronize(self) -> None:
        self._call(self._cuda.cuCtxSynchronize)

    def free_bytes(self) -> int:
        return int(self._call(self._cuda.cuMemGetInfo)[0])

    def allocate(self, size_bytes: int) -> Handle:
        return self._call(self._cuda.cuMemAlloc, size_bytes)

    def address(self, memory: Handle) -> int:
        return int(memory)

    def free(self, memory: Handle) -> None:
        self._call(self._cuda.cuMemFree, memory)

    def allocate_host(self, size_bytes: int, *, mapped: bool) -> Handle:
        pointer = int(
            self._call(self._cuda.cuMemHostAlloc, size_bytes, MAPPED_HOST if mapped else 0)
        )
        memory = (ctypes.c_uint8 * size_bytes).from_address(pointer)
        return _HostBlock(pointer, np.ctypeslib.as_array(memory))

    def host_bytes(self, block: Handle) -> NDArray[np.uint8]:
        return block.view  # type: ignore[no-any-return]

    def mapped_address(self, block: Handle) -> int:
        return int(self._call(self._cuda.cuMemHostGetDevicePointer, block.pointer, 0))

    def free_host(self, block: Handle) -> None:
        self._call(self._cuda.cuMemFreeHost, block.pointer)

    def make_stream(self) -> Handle:
        return self._call(self._cuda.cuStreamCreate, NON_BLOCKING)

    def stream_handle(self, stream: Handle) -> int:
        return int(stream)

    def stream_done(self, stream: Handle) -> bool:
        return self._done(self._cuda.cuStreamQuery, stream)

    def synchronize_stream(self, stream: Handle) -> None:
        self._call(self._cuda.cuStreamSynchronize, stream)

    def destroy_stream(self, stream: Handle) -> None:
        self._call(self._cuda.cuStreamDestroy, stream)

    def make_event(self, *, timed: bool) -> Handle:
        return self._call(
            self._cuda.cuEventCreate, BLOCKING_EVENT | (0 if timed else UNTIMED_EVENT)
        )

    def record(self, event: Handle, stream: Handle) -> None:
        self._call(self._cuda.cuEventRecord, event, stream)

    def wait(self, stream: Handle, event: Handle) -> None:
        self._call(self._cuda.cuStreamWaitEvent, stream, event, 0)

    def event_done(self, event: Handle) -> bool:
        return self._done(self._cuda.cuEventQuery, event)

    def synchronize_event(self, event: Handle) -> None:
        self._call(self._cuda.cuEventSynchronize, event)

    def elapsed_ms(self, start: Handle, end: Handle) -> float:
        return float(self._call(self._cuda.cuEventElapsedTime, start, end))

    def destroy_event(self, event: Handle) -> None:
        self._call(self._cuda.cuEventDestroy, event)

    def copy_to_device(self, address: int, source: NDArray[np.uint8], stream: Handle) -> None:
        self._call(self._cuda.cuMemcpyHtoDAsync, address, source.ctypes.data, source.nbytes, stream)

    def copy_to_host(self, target: NDArray[np.uint8], address: int, stream: Handle) -> None:
        self._call(self._cuda.cuMemcpyDtoHAsync, target.ctypes.data, address, target.nbytes, stream)

    def fill(self, address: int, value: int, size_bytes: int, stream: Handle) -> None:
        self._call(self._cuda.cuMemsetD8Async, address, value, size_bytes, stream)

    def begin_capture(self, stream: Handle) -> None:
        mode = self._cuda.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        self._call(self._cuda.cuStreamBeginCapture, stream, mode)

    def end_capture(self, stream: Handle) -> Handle:
        return self._call(self._cuda.cuStreamEndCapture, stream)

    def instantiate(self, recording: Handle) -> Handle:
        return self._call(self._cuda.cuGraphInstantiate, recording, 0)

    def destroy_recording(self, recording: Handle) -> None:
        self._call(self._cuda.cuGraphDestroy, recording)

    def launch_graph(self, graph: Handle, stream: Handle) -> None:
        self._call(self._cuda.cuGraphLaunch, graph, stream)

    def destroy_graph(self, graph: Handle) -> None:
        self._call(self._cuda.cuGraphExecDestroy, graph)

    def load_module(self, image: bytes) -> Handle:
        return self._call(self._cuda.cuModuleLoadData, image)

    def find_kernel(self, module: Handle, name: str) -> Handle:
        return self._call(self._cuda.cuModuleGetFunction, module, name.encode())

    def launch_kernel(
        self,
        kernel: Handle,
        grid: Size,
        block: Size,
        arguments: Sequence[np.generic],
        shared_bytes: int,
        stream: Handle,
    ) -> None:
        values = [np.array(value) for value in arguments]
        pointers = (ctypes.c_void_p * len(values))(*(value.ctypes.data for value in values))
        parameters = ctypes.addressof(pointers)
        self._call(
            self._cuda.cuLaunchKernel, kernel, *grid, *block, shared_bytes, stream, parameters, 0
        )

    def unload_module(self, module: Handle) -> None:
        self._call(self._cuda.cuModuleUnload, module)

    def _done(self, query: Callable[..., Any], handle: Handle) -> bool:
        (code,) = query(handle)
        if code == self._cuda.CUresult.CUDA_ERROR_NOT_READY:
            return False
        self._check(code, query)
        return True

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the driver's function returns beside its code: nothing, one value, or a tuple."""
        try:
            code, *values = function(*arguments)
        except RuntimeError as error:  # the class of its own differs between releases
            raise missing_function(function.__name__, str(error)) from None
        self._check(code, function)
        if not values:
            return None
        return values[0] if len(values) == 1 else tuple(values)

    def _check(self, code: Any, function: Callable[..., Any]) -> None:
        if code == self._cuda.CUresult.CUDA_SUCCESS:
            return
        _, text = self._cuda.cuGetErrorString(code)
        description = (text or b"").decode(errors="replace")
        raise driver_failure(function.__name__, code.name, description)
