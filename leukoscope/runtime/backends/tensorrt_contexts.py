"""Execution contexts: one for each batch size that comes again, each with a CUDA graph, all on one scratch memory.

A CUDA graph is tied to its context's state, so TensorRT's advice is a context for each graph. We give them their
scratch memory ourselves: all run on one stream, never two at once, so they share it, and it is as large as the
batches at hand need, not as the greatest that the engine could take.
"""

from contextlib import ExitStack
from typing import Any

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import CaptureError
from leukoscope.runtime.backends.cuda.graph import Graph
from leukoscope.runtime.backends.cuda.memory import DeviceMemory
from leukoscope.runtime.backends.cuda.stream import Stream
from leukoscope.runtime.backends.tensorrt_bindings import FRAMES, Bindings, read_bindings
from leukoscope.runtime.backends.tensorrt_buffers import Buffers
from leukoscope.runtime.backends.tensorrt_refusals import refusal
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import listening

RECORDED_AT = 2
"""The launch that is recorded: TensorRT wants one before it that is not."""


class Contexts:
    """Makes contexts of one engine, and runs them. `owner` gives back what they hold."""

    def __init__(self, device: Device, owner: ExitStack, library: Library, engine: Any) -> None:
        self._device, self._owner, self._library = device, owner, library
        self._engine: Any = engine
        self._scratch: DeviceMemory | None = None

    def bindings(self, file: str) -> Bindings:
        """What the engine takes and gives."""
        return read_bindings(self._library, self._engine, self.make(), file)

    def make(self) -> Any:
        """A context without scratch memory. Raises DeviceError, OutOfMemory."""
        trt, engine = self._library.module, self._engine
        with listening(self._library) as heard:
            strategy = trt.ExecutionContextAllocationStrategy.USER_MANAGED
            context = engine.create_execution_context(strategy)
        if context is None:
            raise refusal(
                self._library, "create_execution_context", "makes no execution context", heard
            )
        return context

    def wire(self, context: Any, buffers: Buffers, batch: int) -> None:
        """Gives `context` its batch size, its scratch memory and the addresses of all tensors."""
        bindings = buffers.bindings
        with listening(self._library) as heard:
            taken = context.set_input_shape(FRAMES, bindings.frames.shape(batch))
            if not taken:
                what = f"does not take a batch of {batch}"
                raise refusal(self._library, "set_input_shape", what, heard)
            scratch = self._scratch_of(context.update_device_memory_size_for_shapes())
            context.set_device_memory(scratch.address, scratch.size_bytes)
            for tensor in (bindings.frames, *bindings.outputs):
                if not context.set_tensor_address(tensor.name, buffers.address(tensor.name)):
                    what = f"does not take the address of {tensor.name}"
                    raise refusal(self._library, "set_tensor_address", what, heard)

    def run(self, context: Any, stream: Stream) -> None:
        """Puts one execution on `stream`."""
        with listening(self._library) as heard:
            done = context.execute_async_v3(stream.handle)
        if not done:
            raise refusal(self._library, "execute_async_v3", "does not run the engine", heard)

    def record(self, context: Any, stream: Stream) -> Graph | None:
        """One execution as a CUDA graph; None where it cannot be recorded. Run the context once before."""
        asks = getattr(context, "is_stream_capturable", None)
        if asks is None or asks(stream.handle):
            try:
                graph = stream.capture(lambda: self._run_in_capture(context, stream))
            except CaptureError:
                return None
            return self._owner.enter_context(graph)
        return None

    def drop_engine(self) -> None:
        """Lets go of the engine, whose contexts have gone before it."""
        self._engine = None

    def _run_in_capture(self, context: Any, stream: Stream) -> None:
        with listening(self._library):
            if not context.execute_async_v3(stream.handle):
                raise CaptureError("the engine cannot be recorded", call="execute_async_v3")

    def _scratch_of(self, size_bytes: int) -> DeviceMemory:
        """At least `size_bytes`; a larger one takes the place of the first for contexts that come later."""
        if self._scratch is None or self._scratch.size_bytes < size_bytes:
            self._scratch = self._owner.enter_context(self._device.memory(max(1, size_bytes)))
        return self._scratch


class FixedRun:
    """One batch size in one set of buffers: run plainly at first, then as a graph."""

    def __init__(self, contexts: Contexts, buffers: Buffers, batch: int) -> None:
        self._contexts, self._context = contexts, contexts.make()
        contexts.wire(self._context, buffers, batch)
        self._graph: Graph | None = None
        self._launches = 0

    def enqueue(self, stream: Stream) -> None:
        """Puts one execution on `stream`."""
        self._launches += 1
        if self._launches == RECORDED_AT:
            self._graph = self._contexts.record(self._context, stream)
        if self._graph is not None:
            stream.launch(self._graph)
        else:
            self._contexts.run(self._context, stream)
