"""The driver through pycuda, the binding that is common on Jetsons.

pycuda keeps a stack of contexts for each thread and aborts the process where a thread ends with a
context on it, so `drop_context` takes it off in every case. Its objects release themselves when the
last reference goes: `_Held` is that reference. What fails while they are released pycuda prints on
stderr and does not raise. A traceback that holds such an object would outlive the context with it, so
`_call` keeps none; a function of pycuda holds its module, so a kernel here is only its name.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.cuda.driver import DeviceFacts, Handle, Size
from leukoscope.runtime.backends.cuda.failures import DeviceError, driver_failure
from leukoscope.runtime.backends.cuda.flags import (
    BLOCKING_EVENT,
    CONTEXT_FLAGS,
    MAPPED_HOST,
    NON_BLOCKING,
    UNTIMED_EVENT,
)
from leukoscope.runtime.backends.cuda.libcuda import Libcuda

_FAILED = re.compile(r"(?P<call>\S+) failed: (?P<text>.*)", re.DOTALL)


@dataclass
class _Held:
    """The one reference to an object of pycuda that is released by dropping it."""

    value: Any

    def drop(self) -> None:
        self.value = None


@dataclass
class _Module(_Held):
    functions: dict[str, Any] = field(default_factory=dict)

    def drop(self) -> None:
        self.functions.clear()
        super().drop()


@dataclass(frozen=True)
class _Kernel:
    module: _Module
    name: str


class PycudaDriver:
    """See `Driver`. Raises ImportError where pycuda or the driver library is missing."""

    binding = "pycuda"

    def __init__(self) -> None:
        import pycuda.driver

        self._cuda: Any = pycuda.driver
        try:
            self._libcuda = Libcuda()
        except (OSError, AttributeError) as error:
            raise ImportError(str(error)) from None
        self._call(pycuda.driver.init)

    def facts(self, ordinal: int) -> DeviceFacts:
        device = self._call(self._cuda.Device, ordinal)
        version = self._call(self._cuda.get_driver_version)
        integrated = self._call(device.get_attribute, self._cuda.device_attribute.INTEGRATED)
        return DeviceFacts(
            name=self._call(device.name),
            compute_capability=tuple(self._call(device.compute_capability)),
            integrated=bool(integrated),
            driver_version=(version // 1000, version % 1000 // 10),
            total_bytes=self._call(device.total_memory),
            binding=self.binding,
        )

    def make_context(self, ordinal: int) -> Handle:
        return self._call(self._call(self._cuda.Device, ordinal).make_context, CONTEXT_FLAGS)

    def drop_context(self, context: Handle) -> None:
        self._call(context.detach)

    def synchronize(self) -> None:
        self._call(self._cuda.Context.synchronize)

    def free_bytes(self) -> int:
        return int(self._call(self._cuda.mem_get_info)[0])

    def allocate(self, size_bytes: int) -> Handle:
        return self._call(self._cuda.mem_alloc, size_bytes)

    def address(self, memory: Handle) -> int:
        return int(memory)

    def free(self, memory: Handle) -> None:
        self._call(memory.free)

    def allocate_host(self, size_bytes: int, *, mapped: bool) -> Handle:
        flags = MAPPED_HOST if mapped else 0
        return self._call(self._cuda.pagelocked_empty, (size_bytes,), np.uint8, "C", flags)

    def host_bytes(self, block: Handle) -> NDArray[np.uint8]:
        return block  # type: ignore[no-any-return]

    def mapped_address(self, block: Handle) -> int:
        return int(self._call(block.base.get_device_pointer))

    def free_host(self, block: Handle) -> None:
        self._call(block.base.free)

    def make_stream(self) -> Handle:
        return _Held(self._call(self._cuda.Stream, NON_BLOCKING))

    def stream_handle(self, stream: Handle) -> int:
        return int(stream.value.handle)

    def stream_done(self, stream: Handle) -> bool:
        return bool(self._call(stream.value.is_done))

    def synchronize_stream(self, stream: Handle) -> None:
        self._call(stream.value.synchronize)

    def destroy_stream(self, stream: Handle) -> None:
        stream.drop()

    def make_event(self, *, timed: bool) -> Handle:
        return _Held(self._call(self._cuda.Event, BLOCKING_EVENT | (0 if timed else UNTIMED_EVENT)))

    def record(self, event: Handle, stream: Handle) -> None:
        self._call(event.value.record, stream.value)

    def wait(self, stream: Handle, event: Handle) -> None:
        self._call(stream.value.wait_for_event, event.value)

    def event_done(self, event: Handle) -> bool:
        return bool(self._call(event.value.query))

    def synchronize_event(self, event: Handle) -> None:
        self._call(event.value.synchronize)

    def elapsed_ms(self, start: Handle, end: Handle) -> float:
        return float(self._call(start.value.time_till, end.value))

    def destroy_event(self, event: Handle) -> None:
        event.drop()

    def copy_to_device(self, address: int, source: NDArray[np.uint8], stream: Handle) -> None:
        self._call(self._cuda.memcpy_htod_async, address, source, stream.value)

    def copy_to_host(self, target: NDArray[np.uint8], address: int, stream: Handle) -> None:
        self._call(self._cuda.memcpy_dtoh_async, target, address, stream.value)

    def fill(self, address: int, value: int, size_bytes: int, stream: Handle) -> None:
        self._call(self._cuda.memset_d8_async, address, value, size_bytes, stream.value)

    def begin_capture(self, stream: Handle) -> None:
        self._libcuda.begin_capture(self.stream_handle(stream))

    def end_capture(self, stream: Handle) -> Handle:
        return self._libcuda.end_capture(self.stream_handle(stream))

    def instantiate(self, recording: Handle) -> Handle:
        return self._libcuda.instantiate(recording)

    def destroy_recording(self, recording: Handle) -> None:
        self._libcuda.destroy_recording(recording)

    def launch_graph(self, graph: Handle, stream: Handle) -> None:
        self._libcuda.launch(graph, self.stream_handle(stream))

    def destroy_graph(self, graph: Handle) -> None:
        self._libcuda.destroy_graph(graph)

    def load_module(self, image: bytes) -> Handle:
        return _Module(self._call(self._cuda.module_from_buffer, image))

    def find_kernel(self, module: Handle, name: str) -> Handle:
        module.functions[name] = self._call(module.value.get_function, name)
        return _Kernel(module, name)

    def launch_kernel(
        self,
        kernel: Handle,
        grid: Size,
        block: Size,
        arguments: Sequence[np.generic],
        shared_bytes: int,
        stream: Handle,
    ) -> None:
        self._call(
            lambda: kernel.module.functions[kernel.name](
                *arguments, grid=grid, block=block, shared=shared_bytes, stream=stream.value
            )
        )

    def unload_module(self, module: Handle) -> None:
        module.drop()

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except self._cuda.Error as error:
            message = str(error)
        del function, arguments
        raise self._failure(message)

    def _failure(self, message: str) -> DeviceError:
        found = _FAILED.match(message)
        call, text = (found["call"], found["text"]) if found else ("call", message)
        text = text.split(" - ")[0].strip()
        return driver_failure(call, self._libcuda.code_of(text) or "unknown code", text)
